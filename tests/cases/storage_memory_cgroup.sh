#!/bin/bash
# A memory cgroup has no room for the tables: those on a disk are written out, and nothing else changes.
. "$(dirname "$0")/../lib.sh"
need gcc jq

case $(stat -f -c %T "$work") in
tmpfs | ramfs | overlayfs) skip "the image would be in memory here: $(stat -f -c %T "$work")" ;;
esac
# group LIMIT: a cgroup with that limit, in $group; its file of how often it was full in $full.
group() {
	group=/sys/fs/cgroup/leak-test.$$
	if mkdir $group 2>/dev/null && [ -w $group/memory.max ]; then
		echo "$1" >$group/memory.max
		[ ! -w $group/memory.swap.max ] || echo 0 >$group/memory.swap.max
		full=$group/memory.events
		return
	fi
	rmdir $group 2>/dev/null
	group=/sys/fs/cgroup/memory/leak-test.$$
	mkdir $group 2>/dev/null || skip "no memory cgroup can be made here"
	echo "$1" >$group/memory.limit_in_bytes || skip "no memory limit can be set here"
	full=$group/memory.failcnt
}
trap 'rmdir "$group" 2>/dev/null; cleanup' EXIT

# One page of each block is touched, and one page of tables belongs to each.
cat >p.c <<'END'
#include <malloc.h>
#include <stdlib.h>
#include <unistd.h>
enum { BLOCKS = 6000 };
static void *blocks[BLOCKS];
int main(void)
{
	mallopt(M_MMAP_THRESHOLD, 1 << 28);
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < BLOCKS; i++)
			if (!(blocks[i] = malloc(16000)))
				return 2;
		for (int i = 0; round < 2 && i < BLOCKS; i++)
			free(blocks[i]);
	}
	for (int i = 0; i < BLOCKS; i += 2)
		free(blocks[i]);
	return write(1, "done\n", 5) == 5 ? 7 : 3;
}
END
gcc -g -O0 -o p p.c || fail "cannot compile"
group $((36 << 20))
inside() {
	(
		echo "$BASHPID" >"$group/cgroup.procs" || exit 9
		exec env "$@"
	)
	echo "status $?"
}
inside ./p >bare
expect_eq "the bare run" "done status 7" "$(paste -sd' ' bare)"
before=$(cat "$full")
inside LD_PRELOAD="$lib" LEAK_OPTIONS="output=$work/images/p.%p.leak" ./p >recorded
cmp bare recorded || fail "in the cgroup: $(cat recorded)"
[ "$before" != "$(cat "$full")" ] || fail "the cgroup was not full: $(cat "$full")"
list=("$work"/images/*)
run_leak report --format=json "${list[@]}" >"$work/report.json" || fail "no report"
expect_eq "what is recorded" "18000 15000 3000 48000000 0" "$(field '.processes[] | select(.exe | endswith("/p")) |
	"\(.totals.allocs) \(.totals.frees) \(.live.blocks) \(.live.bytes) \(.not_recorded.dropped_events)"')"
