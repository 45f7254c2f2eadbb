#!/bin/bash
# leak run: records a command, passes its status and output on, says what a crash was.
. "$(dirname "$0")/../lib.sh"

gcc -g -o p "$tests/cases/parts/three_blocks.c" || fail "cannot compile"
"$leak" run -o "$work/images/x.leak" -- ./p >out 2>err
expect_eq status 9 $?
expect_eq stdout '' "$(cat out)"
report
expect_eq "live blocks" 3 "$(field '.processes[0].live.blocks')"
expect_eq "exit status in the report" 9 "$(field '.processes[0].exit_status')"
rm "$work/images/"*
# Whatever the name has in it; a directory takes images by their usual names.
mkdir odd
n=0
for name in odd odd/ newodd/ 'odd/a b' 'odd/a:b,c' 'odd/"' "odd/'" "odd/\"'\"" $'odd/new\nline' $'odd/tab\t'; do
	"$leak" run -q -o "$name" -- ./p >out 2>err
	expect_eq "status with -o $name" 9 $?
	[ ! -s err ] || fail "-o $name: $(cat err)"
	n=$((n + 1))
	expect_eq "images after -o $name" $n "$(find odd newodd -type f 2>/dev/null | tr '\n' ' ' | grep -o 'odd/' | grep -c .)"
	case $name in */) ;; odd) ;; *) [ -s "$name" ] || fail "no image by the name $name: $(ls odd)" ;; esac
done
LEAK_OPTIONS=output=odd "$leak" run -q -- ./p >out 2>err
expect_eq "status with a directory in LEAK_OPTIONS" 9 $?
[ ! -s err ] || fail "output=odd: $(cat err)"
"$leak" run -q -o odd -- sh -c 'kill -9 $$' 2>/dev/null
[ "$("$leak" report --json odd/leak.*sh.*.leak | jq -r '.processes[0].signal')" = 9 ] || fail "its end is not in its image"
"$leak" run -o '' -- ./p >out 2>err
expect_eq "status without a name" 2 $?

"$leak" run -o "$work/images/x.leak" -- sh -c 'kill -SEGV $$' >out 2>err
expect_eq "status of a crash" 139 $?
report
expect_eq state crashed "$(field '.processes[0].state')"
expect_eq signal 11 "$(field '.processes[0].signal')"
"$leak" run -- /nonexistent/program >out 2>err
status=$?
[ $status = 127 ] || [ $status = 3 ] || fail "status for a missing program: $status"
expect_eq "lines for a missing program" 1 "$(grep -c '^leak: ' err)"
