#!/bin/bash
# The core of a crashed program holds the recorder's tables; with core=0 it does not.
. "$(dirname "$0")/../lib.sh"
need gcc

{ [ -w /proc/self/coredump_filter ] && echo 0x33 >/proc/self/coredump_filter; } 2>/dev/null ||
	skip "no coredump_filter here that can be set"
case $(cat /proc/sys/kernel/core_pattern 2>/dev/null) in
'' | *[/\|]*) skip "cores do not go to the working directory here" ;;
esac
ulimit -c unlimited 2>/dev/null || skip "no cores here: ulimit -c"
cat >p.c <<'END'
#include <stdlib.h>
#include <string.h>
static void *volatile last;
int main(void)
{
	for (int i = 0; i < 3; i++)
		last = malloc(10);
	abort();
}
END
gcc -g -O0 -o p p.c || fail "cannot compile"

# tables OPTIONS: how often the image's first eight bytes are in the core.
tables() {
	rm -rf run core* && mkdir run
	(cd run && OPTIONS=$1 preloaded ../p) 2>/dev/null
	local core
	core=$(find run -name '*core*')
	[ -s "$core" ] || skip "no core was written"
	grep -a -o LIBLEAK1 "$core" | wc -l
}
expect_eq "headers in the core" 1 "$(tables '')"
expect_eq "headers in the core with core=0" 0 "$(tables core=0)"
