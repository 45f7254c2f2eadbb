#!/bin/bash
# A check of a process with much shared memory, which others filled, asks about its pages in bulk, and fills no hole.
. "$(dirname "$0")/../lib.sh"
need gcc strace jq

# 32 MiB of it were written by a child, 224 MiB by nobody.
cat >p.c <<'END_OF_C'
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FILLED = 32 << 20, ALL = 256 << 20 };

int main(void)
{
	char *shared = mmap(NULL, ALL, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (shared == MAP_FAILED)
		return 1;
	if (fork() == 0) {
		memset(shared + ALL / 2, 1, FILLED);
		_exit(0);
	}
	wait(NULL);
	return malloc(40) == NULL;
}
END_OF_C
gcc -O1 -w p.c -o p || fail "cannot build"

strace -f -o trace -e trace=mincore,madvise,pread64 -E "LD_PRELOAD=$lib" -E "LEAK_OPTIONS=output=$work/images/leak.%e.%p.leak" ./p ||
	fail "the program failed"
report
expect_eq "blocks of known classes" 1 "$(field '[.processes[] | select(.check) | .classes[].blocks] | add')"
expect_eq "unreadable bytes" 0 "$(field '.processes[] | select(.check) | .check.unreadable_bytes')"
# Of 65,536 pages; what is not there is no root.
calls=$(wc -l <trace)
[ "$calls" -lt 150 ] || fail "a check made $calls system calls: $(sed 's/^[0-9]* *\([a-z0-9]*\).*/\1/' trace | sort | uniq -c)"
bytes=$(field '.processes[] | select(.check) | .check.root_bytes')
[ "$bytes" -ge $((32 << 20)) ] && [ "$bytes" -lt $((48 << 20)) ] || fail "$bytes bytes of roots"
echo "counted: $calls system calls for 65536 pages"
