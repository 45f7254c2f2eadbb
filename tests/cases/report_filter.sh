#!/bin/bash
# The verdict of leak report follows --filter and --older, in text and in JSON; leak check says what matches.
. "$(dirname "$0")/../lib.sh"

need gcc jq
gcc -g -o p "$tests/cases/parts/two_sites.c" || fail "cannot compile"
preloaded ./p
image=$(images | head -1)

verdict() { # EXPECTED OPTIONS…
	local expected=$1
	shift
	expect_eq "verdict of $*" "VERDICT  $expected" "$("$leak" report "$image" "$@" | head -1)"
	expect_eq "JSON verdict of $*" "$expected" "$("$leak" report "$image" --json "$@" | jq -r .verdict)"
}
verdict "300 bytes in 3 blocks match 'widget', of 2,300 bytes in 5 definitely lost at exit, 1 call site in make_widget (two_sites.c:9)" \
	--filter widget
verdict "300 bytes in 3 blocks match 'widget' and 'main', of 2,300 bytes in 5 definitely lost at exit, 1 call site in make_widget (two_sites.c:9)" \
	--filter widget --filter=main
verdict "2,300 bytes in 5 blocks match 'two_sites.c', of 2,300 bytes in 5 definitely lost at exit, 2 call sites; the largest, in make_gadget (two_sites.c:15), holds 87%" \
	--filter two_sites.c
verdict "no stack has 'nosuch' in a function, file or module" --filter nosuch
verdict "no stack has 'Widget' in a function, file or module" --filter Widget
verdict "nothing unfreed is at least 100s old" --older 100s
verdict "nothing unfreed is at least 100s old" --older=100
verdict "nothing unfreed is at least 1.5h old" --older=1.5h
verdict "2,300 bytes in 5 blocks definitely lost at exit, at least 0s old, 2 call sites; the largest, in make_gadget (two_sites.c:15), holds 87%" \
	--older 0s

check() { # STATUS EXPECTED OPTIONS…: the last line of leak check
	local status=$1 expected=$2
	shift 2
	"$leak" check "$@" "$image" >out 2>err
	expect_eq "status of leak check $*" "$status" $?
	expect_eq "leak check $*" "leak check: $expected" "$(tail -1 out)"
}
check 0 'PASS  1 process judged; 0 of 2 call sites match --filter=Widget' --filter=Widget
check 23 'FAIL  300 bytes in 3 blocks at 1 call site (--fail-on=any); 1 process judged; 1 of 2 call sites matches --filter=widget --filter=main' \
	-q --filter=widget --filter=main
check 0 'PASS  2,300 bytes in 5 blocks at 2 call sites let pass; 1 process judged; 2 of 2 call sites match --filter=two_sites.c' \
	--filter=two_sites.c --fail-on='bytes>3K'
"$leak" ci --filter=Widget -- ./p 2>err
expect_eq "leak ci" 'leak ci: PASS  1 process judged; 0 of 2 call sites match --filter=Widget' "$(tail -1 err)"
