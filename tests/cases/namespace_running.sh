#!/bin/bash
# A process in a pid namespace, where its pid is another one, is running while it runs; then killed.
. "$(dirname "$0")/../lib.sh"
need unshare gcc

if unshare --pid --fork true 2>/dev/null; then
	isolated=(unshare --pid --fork)
elif unshare --user --map-root-user --pid --fork true 2>/dev/null; then
	isolated=(unshare --user --map-root-user --pid --fork)
else
	skip "no pid namespace can be made here"
fi
gcc -g -O0 -o namespaced "$tests/cases/parts/hundred_then_pause.c" || fail "cannot compile"

# Two with the same pid, each in its own namespace, where `sh` is 1. A namespace ends with its 1, and
# that with unshare.
for word in first second; do
	"${isolated[@]}" --kill-child sh -c '
		LD_PRELOAD=$0 LEAK_OPTIONS=output=$1/%e.%p.leak ./namespaced; :' \
		"$lib" "$work/images" >$word &
	eval "$word=$!"
	wait_for 20 grep -q ready $word || fail "the $word is never ready"
done
state_of() { # IMAGE
	"$leak" report --format=json "$work/images/$1" | jq -r '.processes[0] | "\(.pid) \(.state)"'
}
expect_eq "the first while it runs" "2 running" "$(state_of namespaced.2.leak)"
expect_eq "the second while it runs" "2 running" "$(state_of namespaced.2.1.leak)"
advised=$("$leak" report "$work/images/namespaced.2.leak" 2>&1 | sed -n 's/.*leak snap \([0-9]*\) .*/\1/p')
expect_eq "the program of the pid that is named for leak snap" namespaced "$(cat "/proc/$advised/comm")"
# shellcheck disable=SC2154
kill -9 "$first"
first_is_gone() {
	[ "$(state_of namespaced.2.leak)" = "2 killed" ]
}
wait_for 20 first_is_gone || fail "the first is still $(state_of namespaced.2.leak)"
expect_eq "the second, of the same pid" "2 running" "$(state_of namespaced.2.1.leak)"
# shellcheck disable=SC2154
kill -9 "$second"
wait 2>/dev/null
