#!/bin/bash
# timeout: 300
# 200 short jobs, four at a time, all with the pid 2 (each in a pid namespace of its own): 200 images, each exact.
# pitfall: P32
. "$(dirname "$0")/../lib.sh"
need unshare gcc jq

if unshare --pid --fork true 2>/dev/null; then
	isolated=(unshare --pid --fork)
elif unshare --user --map-root-user --pid --fork true 2>/dev/null; then
	isolated=(unshare --user --map-root-user --pid --fork)
else
	skip "no pid namespace can be made here"
fi
cat >job.c <<'END'
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

static void *volatile last;

/* Leaves as many blocks as it is told to; every fourth job is killed. */
int main(int argc, char **argv)
{
	int count = argc > 1 ? atoi(argv[1]) : 0;

	for (int i = 0; i < count; i++)
		last = malloc(10);
	if (count % 4 == 0)
		kill(getpid(), SIGKILL);
	return getpid() == 2 ? 0 : 1;
}
END
gcc -g -O0 -o job job.c || fail "cannot compile"
job() { # NUMBER; `sh` is 1 in the namespace
	"${isolated[@]}" sh -c 'LD_PRELOAD=$0 LEAK_OPTIONS=output=$1/%e.%p.leak ./job "$2"
		status=$?; [ $status = 0 ] || [ $status = 137 ]' "$lib" "$work/images" "$1" 2>/dev/null ||
		echo "job $1: not pid 2, or status $?"
}
for ((first = 1; first <= 200; first += 4)); do
	for number in $first $((first + 1)) $((first + 2)) $((first + 3)); do
		job "$number" &
	done
	wait
done >failed
[ ! -s failed ] || fail "$(head -3 failed)"
report
expect_eq "images" 200 "$(field '.processes | length')"
expect_eq "pids" 2 "$(field '[.processes[].pid] | unique | join(" ")')"
expect_eq "blocks of each" "$(seq -s ' ' 1 200)" \
	"$(field '[.processes[].live.blocks] | sort | join(" ")')"
expect_eq "killed ones" "$(seq -s ' ' 4 4 200)" \
	"$(field '[.processes[] | select(.state == "killed").live.blocks] | sort | join(" ")')"
expect_eq "blocks at their call site" 20100 \
	"$(field '[.sites[] | select(any(.frames[]; .function == "main")).blocks] | add')"
echo "counted: $(find "$work/images" -name 'job.2*.leak' | wc -l) images of processes with the pid 2"
