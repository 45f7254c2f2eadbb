#!/bin/bash
# limit=80%: when so much of the address space is used it is found out what is lost, for after a kill -9.
. "$(dirname "$0")/../lib.sh"

cat >p.c <<'END'
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
static void **volatile list;
static __attribute__((noinline)) void *block(void)
{
	return memset(malloc(100000), 0, 100000);
}
int main(void)
{
	for (int i = 0; i < 3350; i++) {
		void **volatile b = block();
		if (i % 2) {
			*b = list;
			list = b;
		}
		b = NULL;
	}
	puts("full");
	fflush(stdout);
	for (;;) {
		usleep(10000);
		free(malloc(10));
	}
}
END
gcc -g -O0 -w -o p p.c || fail "cannot compile"
(
	ulimit -v 400000
	exec env LD_PRELOAD="$lib" LEAK_OPTIONS="output=$work/images/leak.%e.%p.leak:limit=80%" ./p >out
) &
pid=$!
trap 'kill -9 $pid 2>/dev/null; cleanup' EXIT
checked() {
	run_leak report --json "$(images)" >"$work/report.json" 2>err &&
		[ "$(field '.processes[0].check.done')" = true ]
}
wait_for 20 grep -q full out || fail "it does not come so far"
wait_for 20 checked || fail "no check: $(field '.processes[0].check')"
kill -9 $pid
wait $pid 2>/dev/null
report
expect_eq "what it was that asked" limit "$(field '.processes[0].check.trigger')"
# Every other block; what came after the check has no class.
field '.processes[0].classes | [.definite.blocks, .reachable.blocks, .unknown.blocks, .possible.blocks] | @tsv' >seen
read -r definite reachable unknown possible <seen
[ $((definite + reachable + unknown + possible)) -ge 3350 ] && [ "$possible" = 0 ] && [ "$definite" -gt 1200 ] &&
	[ $((definite - reachable)) -le 3 ] && [ $((reachable - definite)) -le 3 ] ||
	fail "definite, reachable, unknown, possible: $(cat seen)"
