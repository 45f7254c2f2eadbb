#!/bin/bash
# timeout: 600
# Killed by a memory cgroup's OOM killer, 100 times: each image has every block that there was, with size and stack.
. "$(dirname "$0")/kill.inc"

# make_cgroup PARENT LIMIT_FILE: a memory cgroup of our own, whose name it leaves in $cgroup.
make_cgroup() {
	cgroup=$1/leak-test.$$
	mkdir "$cgroup" 2>/dev/null || return 1
	[ -w "$cgroup/$2" ] && return
	rmdir "$cgroup"
	return 1
}
remove_cgroup() {
	wait_for 10 rmdir "$cgroup"
	cleanup
}
oom_kills() {
	sed -n 's/^oom_kill //p' "$cgroup/memory.oom_control" "$cgroup/memory.events" 2>/dev/null
}

if make_cgroup /sys/fs/cgroup/memory memory.limit_in_bytes; then
	kind=1
	if [ -w "$cgroup/memory.swappiness" ]; then echo 0 >"$cgroup/memory.swappiness"; fi
elif make_cgroup /sys/fs/cgroup memory.max; then
	kind=2
	if [ -w "$cgroup/memory.swap.max" ]; then echo 0 >"$cgroup/memory.swap.max"; fi
else
	skip "no memory cgroup can be made here: kill_no_memory.sh stands in for it"
fi
trap remove_cgroup EXIT
[ -n "$(oom_kills)" ] || skip "this kernel does not count what its OOM killer does"
kill_it cgroup 100 killed "$cgroup"
expect_eq "kills by the OOM killer of a memory cgroup of version $kind" 100 "$(oom_kills)"
