#!/bin/bash
# limit=70%: a snapshot when 70 % of the memory cgroup is used; its file cache does not count.
. "$(dirname "$0")/../lib.sh"

limit=$((128 << 20))
group=''
if [ -w /sys/fs/cgroup/memory/cgroup.procs ]; then
	group=/sys/fs/cgroup/memory/leak-test.$$ file=memory.limit_in_bytes
elif [ -w /sys/fs/cgroup/cgroup.procs ] && grep -qw memory /sys/fs/cgroup/cgroup.subtree_control 2>/dev/null; then
	group=/sys/fs/cgroup/leak-test.$$ file=memory.max
fi
[ -n "$group" ] && mkdir "$group" 2>/dev/null || skip "no memory cgroup can be made here"
trap 'rmdir $group; cleanup' EXIT
echo $limit >"$group/$file" || skip "the memory cgroup takes no limit here"

cat >p.c <<'END'
#include <stdlib.h>
#include <string.h>
static void *volatile last;
int main(void)
{
	for (int i = 0; i < 100; i++) {
		last = malloc(1 << 20);
		memset(last, 1, 1 << 20);
	}
	return 0;
}
END
gcc -g -O0 -o p p.c 2>/dev/null || fail "cannot compile"
(
	echo $BASHPID >"$group/cgroup.procs" || exit 77
	dd if=/dev/zero of=cache bs=1M count=100 2>/dev/null && dd if=cache of=/dev/null bs=1M 2>/dev/null
	sync cache
	OPTIONS=limit=70% preloaded ./p
) || skip "cannot enter the memory cgroup"
image=$(find "$work/images" -name 'leak.p.*')
run_leak report --json "$image" >"$work/report.json" || fail "leak report failed"
expect_eq "snapshots" "cgroup memory" "$(field '[.processes[0].on_the_brink[].limit] | join(" ")')"
expect_eq "limit" $limit "$(field '.processes[0].on_the_brink[0].limit_bytes')"
expect_eq "used between 70 and 75 % of it" true \
	"$(field '.processes[0].on_the_brink[0] | .used_bytes >= 0.70 * .limit_bytes and .used_bytes < 0.75 * .limit_bytes')"
expect_eq "most of it live blocks" true \
	"$(field '.processes[0].on_the_brink[0] | .live.bytes > 0.8 * .used_bytes and .live.bytes <= .used_bytes')"
