#!/bin/bash
# The recorder sets bit 3 of coredump_filter where it is missing, writes nothing where it is there, and nothing with core=0.
. "$(dirname "$0")/../lib.sh"
need gcc strace

filter=/proc/self/coredump_filter
{ [ -w $filter ] && echo 0x33 >$filter; } 2>/dev/null || skip "no coredump_filter here that can be set"

# The filter of this shell passes to what it starts.
filter_under() { # FILTER OPTIONS: what a recorded program sees of its own
	(
		echo "$1" >$filter
		OPTIONS=$2 preloaded cat $filter
	)
}
expect_eq "0x33 becomes" 0000003b "$(filter_under 0x33 '')"
expect_eq "0x11 becomes" 00000019 "$(filter_under 0x11 '')"
expect_eq "0x1ff stays" 000001ff "$(filter_under 0x1ff '')"
expect_eq "0x33 with core=0 stays" 00000033 "$(filter_under 0x33 core=0)"

# calls FILTER OPTIONS: what is done with the file by a process and by a forked child of it.
cat >p.c <<'END'
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
int main(void)
{
	void *volatile block = malloc(1);
	if (fork() == 0) {
		block = malloc(2);
		exit(0);
	}
	wait(NULL);
	free(block);
	return 0;
}
END
gcc -g -O0 -o p p.c || fail "cannot compile"
calls() {
	(
		echo "$1" >$filter
		strace -f -o log -e trace=openat,write -E LD_PRELOAD="$lib" \
			-E LEAK_OPTIONS="output=$work/images/p.%p.leak:$2" ./p
	) || skip "strace may not trace here"
	echo "$(grep -c "coredump_filter.*= [0-9]" log) opened, $(grep -c 'write(' log) written"
}
expect_eq "calls where the bit is missing" "1 opened, 1 written" "$(calls 0x33 '')"
expect_eq "calls where the bit is there" "1 opened, 0 written" "$(calls 0x3b '')"
expect_eq "calls with core=0" "0 opened, 0 written" "$(calls 0x33 core=0)"
