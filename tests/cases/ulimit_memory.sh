#!/bin/bash
# ulimit -v 200000: the recorder fits in, the program gets its memory.
. "$(dirname "$0")/../lib.sh"

cat >p.c <<'END'
#include <stdlib.h>
#include <string.h>
static void *volatile last;
int main(void)
{
	char *big = malloc(100 << 20);
	if (!big) return 1;
	memset(big, 1, 100 << 20);
	for (int i = 0; i < 1000; i++) last = malloc(24);
	return 0;
}
END
gcc -g -O0 -o p p.c || fail "cannot compile"
(
	ulimit -v 200000
	./p || exit 1
	preloaded ./p
)
expect_eq status 0 $?
report
expect_eq "live blocks" 1001 "$(field '.processes[0].live.blocks')"
expect_eq "dropped" 0 "$(field '.processes[0].not_recorded.dropped_events')"
