#!/bin/bash
# keep=leaks keeps the image when events were dropped: one of them may be a leak.
. "$(dirname "$0")/../lib.sh"
need gcc jq

# The tables may be an eighth of the address space; the blocks need more, and all are freed.
cat >p.c <<'END'
#include <stdlib.h>
#include <sys/resource.h>
static void *blocks[700000];
int main(int argc, char **argv)
{
	int count = argc > 1 ? atoi(argv[1]) : 0;

	for (int i = 0; i < count; i++)
		if (!(blocks[i] = malloc(24)))
			return 2;
	for (int i = 0; i < count; i++)
		free(blocks[i]);
	return 0;
}
END
gcc -g -O0 -o p p.c || fail "cannot compile"
for count in 100 700000; do
	(
		ulimit -v 44000
		./p $count || skip "the bare program does not fit into 44 MB: status $?"
		OPTIONS=keep=leaks preloaded ./p $count
	)
	status=$?
	[ $status != 77 ] || exit 77
	expect_eq "status with $count blocks" 0 $status
	if [ $count = 100 ]; then
		expect_eq "images with $count blocks" '' "$(images)"
	else
		report
		dropped=$(field '.processes[0].not_recorded.dropped_events')
		[ "$dropped" -gt 0 ] || fail "nothing was dropped"
		expect_eq "blocks left of those recorded" 0 "$(field '.processes[0].totals | .allocs - .frees')"
	fi
done
