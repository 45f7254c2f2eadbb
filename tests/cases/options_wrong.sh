#!/bin/bash
# Wrong LEAK_OPTIONS: the program is unaffected, the recording survives, one sentence says why.
. "$(dirname "$0")/../lib.sh"

gcc -g -o p "$tests/cases/parts/three_blocks.c" || fail "cannot compile"
for wrong in nonsense=1 depth=abc unwind=magic interval=-3 summary=maybe '=' ':::' 'output=' "depth=$(printf '9%.0s' {1..60})"; do
	rm -rf "$work/run/"*.leak
	LD_PRELOAD=$lib LEAK_OPTIONS=$wrong ./p >out 2>err
	expect_eq "status with '$wrong'" 9 $?
	[ -s out ] && fail "stdout is not silent with '$wrong'"
	case $wrong in
	*[a-z]*=?*)
		[ "$(wc -l <err)" = 1 ] || fail "expected one line on stderr with '$wrong': $(cat err)"
		grep -q "${wrong%%=*}" err || fail "the message does not name ${wrong%%=*}: $(cat err)"
		;;
	esac
	mapfile -t left < <(find . -name '*.leak')
	[ ${#left[@]} = 1 ] || fail "expected one image with '$wrong', found ${#left[@]}"
	run_leak report --format=json "${left[0]}" >report.json || fail "unreadable image with '$wrong'"
	expect_eq "live blocks with '$wrong'" 3 "$(jq '.processes[0].live.blocks' report.json)"
done
