#!/bin/bash
# The small print of leak report and leak show: order, names, ages, digits, singulars, truncation.
. "$(dirname "$0")/../lib.sh"

need g++ jq
cat >p.cc <<'END'
#include <pthread.h>
#include <stdlib.h>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
static void lose() { *(volatile char *)malloc(10) = 1; }
static pthread_barrier_t together; // one thread after the other would share a row
static void work(const char *name)
{
	pthread_setname_np(pthread_self(), name);
	lose();
	pthread_barrier_wait(&together);
}
static std::string *copy(const std::string &text) { return new std::string(text); }
static void wait_for_child(pid_t child) { waitpid(child, nullptr, 0); }
int main()
{
	pthread_barrier_init(&together, nullptr, 2);
	std::thread zeta(work, "zeta"), alpha(work, "alpha");
	zeta.join();
	alpha.join();
	copy("x");
	void *inherited = malloc(20);
	if (pid_t child = fork()) {
		wait_for_child(child);
	} else {
		free(inherited);
		if (pid_t grandchild = fork())
			wait_for_child(grandchild);
		else
			lose();
	}
	return 0;
}
END
g++ -g -pthread -o p p.cc || fail "cannot compile"
preloaded ./p
"$leak" report "$work/images" --all >out || fail "no report"

report
mapfile -t pids < <(field '.processes[].pid')
mapfile -t parents < <(field '.processes[].ppid')
expect_eq "parent of the second process" "${pids[0]}" "${parents[1]}"
expect_eq "parent of the third process" "${pids[1]}" "${parents[2]}"
expect_eq "threads of the site in two threads" 'alpha zeta' \
	"$(field '[.sites[].threads | select(length == 2)][0] | join(" ")')"
"$leak" report "$work/images" --group thread | grep -q 'alpha, zeta (2 threads)' || fail "no row alpha, zeta"
"$leak" report "$work/images" --group function | grep -q 'copy(std::string const&)$\|  copy$' ||
	fail "no short name: $("$leak" report "$work/images" --group function)"
grep -q 'free of a block inherited from the parent process$' out || fail "no singular: $(grep note: out)"
grep -q ' old' out && fail "ages in a run this short: $(grep ' old' out)"
grep -oE '"[a-z_]+_seconds":[0-9.]+' "$work/report.json" | grep -E '\.[0-9]{4}' && fail "digits that mean nothing"

image=$(images | head -1)
"$leak" show "$image" >out || fail "leak show: $?"
grep -qE '^  start +20[0-9-]{8} [0-9:]{8} \+0000 ' out || fail "no start: $(grep start out)"
grep -qE '^  end +[0-9.]+ s after the start$' out || fail "no end: $(grep ' end' out)"
grep -qE '^ +[0-9]+ end +at [0-9.]+ s: [0-9]+ bytes in [0-9]+ blocks live' out || fail "no epoch: $(grep -A3 epochs out)"
head -c 9000 "$image" >"$work/cut"
"$leak" show "$work/cut" >out 2>err
expect_eq "status of show on a truncated image" 3 $?
grep -q '^leak: .*truncated' err || fail "message: $(cat err)"

# A long name is cut in its arguments, never in itself.
cat >long.cc <<'END'
#include "far.h"
#include <cstdlib>
#include <map>
#include <string>
#include <vector>
namespace application_of_somebody {
template <class Key, class Value> struct registry_of_everything {
	__attribute__((noinline)) static void register_a_new_element(const std::map<Key, std::vector<Value>> *)
	{
		((char *)malloc(100))[0] = 1;
	}
};
}
static void leak()
{
	application_of_somebody::registry_of_everything<std::string, std::pair<std::string, int>>::register_a_new_element(nullptr);
}
int main() { far_below(leak); return 0; }
END
g++ -g -O0 -I"$tests/classes/parts" -o long long.cc || fail "cannot compile"
rm "$work/images/"*
preloaded ./long
"$leak" report "$work/images" >out || fail "no report"
name='application_of_somebody::registry_of_everything<std::string, std::pair<std::string, int>>::register_a_new_element(…)'
expect_eq "the verdict" "VERDICT  100 bytes in 1 block definitely lost at exit, 1 call site in $name (long.cc:10)" "$(head -1 out)"
"$leak" report --format=markdown "$work/images" | sed 's/&#95;/_/g; s/&#58;/:/g; s/&#60;/</g; s/&#62;/>/g' | grep -q "1 call site in $name (long.cc:10)" ||
	fail "the verdict in Markdown is cut"

# Of many processes what was not recorded is one line, which -v takes apart.
rm "$work/images/"*
cat >freers.c <<'END'
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
int main(void)
{
	void *inherited = malloc(20), *more = malloc(30);
	for (int i = 0; i < 7; i++)
		if (fork() == 0) {
			free(inherited);
			if (i)
				free(more);
			return 0;
		}
	while (wait(NULL) > 0)
		;
	free(inherited);
	free(more);
}
END
gcc -g -o freers freers.c || fail "cannot compile"
preloaded ./freers
"$leak" report "$work/images" >out || fail "no report"
expect_eq "notes" "note: 7 processes: 13 frees of blocks inherited from the parent process (-v lists them)" "$(grep '^note:' out)"
expect_eq "notes with -v" 7 "$("$leak" report -v "$work/images" | grep -c '^note: \[[0-9]*\] [12] frees* of .*inherited from the parent process$')"
