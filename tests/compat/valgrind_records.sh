#!/bin/bash
# leak-valgrind has the same loss records as valgrind, of all kinds: of a C++ program and of real ones, also of cut stacks.
# timeout: 300
. "$(dirname "$0")/../lib.sh"
need valgrind g++

g++ -g -O1 -pthread -o records "$tests/compat/parts/records.cc" || fail "cannot compile"
# What a library has is not for the one that keeps errors of dlopen, but for libc where it opens the library itself.
cat >opens.c <<'END'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <execinfo.h>
#include <locale.h>
#include <netdb.h>
static locale_t kept;
int main(void)
{
	struct addrinfo *found;
	void *library = dlopen("libm.so.6", RTLD_NOW), *callers[2];

	kept = newlocale(LC_ALL_MASK, "C.UTF-8", 0);
	getaddrinfo(0, "http", 0, &found);
	backtrace(callers, 2);
	return library == 0 || dlopen("libnone.so", RTLD_NOW) || dlsym(library, "none");
}
END
gcc -g -o opens opens.c -ldl || fail "cannot compile"
echo '<a><b/></a>' >a.xml
echo '{"a":[1,2]}' >a.json

# records TOOL CALLERS COMMAND…: "BYTES in BLOCKS are CLASS", sorted. (Of a stack of one frame 3.19 takes that for
# a match with an entry that begins so, and its own list has such entries.)
records() {
	"$1" -q --leak-check=full --show-leak-kinds=all --default-suppressions=no --num-callers="$2" --log-file=log \
		"${@:3}" >/dev/null 2>&1 </dev/null
	sed -n 's/^==[0-9]*== \(.*\) in loss record.*/\1/p' log | sort
}

total=0
while read -r callers command; do
	type "${command%% *}" >/dev/null 2>&1 || continue
	for n in ${callers//,/ }; do
		# shellcheck disable=SC2086
		records valgrind "$n" $command >expected
		# shellcheck disable=SC2086
		records "$build/leak-valgrind" "$n" $command >found
		diff expected found || fail "the records of $command with $n callers differ: valgrind (<), leak-valgrind (>)"
		total=$((total + $(wc -l <found)))
	done
done <<'END'
1,2,3,50 ./records
2,12,50 ./opens
1,2,3,50 ls -l /
50 sort a.json
50 tar --version
50 jq . a.json
50 xmllint --format a.xml
50 sqlite3 :memory: .tables
50 openssl version
END
[ $total -gt 10 ] || fail "only $total records in all"
echo "counted: $total records"
