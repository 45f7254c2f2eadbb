#!/bin/bash
# leak ci says before the suite runs that a file of its own cannot be made, or a directory is not there.
. "$(dirname "$0")/../lib.sh"

mkdir directory
for option in --output=/nonexistent/report --sarif=/nonexistent/report --junit=directory --markdown=directory/none/report; do
	"$leak" ci "$option" -- touch ran >out 2>err
	expect_eq "status of $option" 3 $?
	[ ! -e ran ] || fail "the suite ran with $option"
	grep -q "^leak: ${option#*=}: " err || fail "no reason with $option: $(cat err)"
done
for option in --sysroot=/nonexistent --symbols=/nonexistent --symbols=/dev/null --source-root=/nonexistent; do
	"$leak" ci "$option" -- touch ran >out 2>err
	expect_eq "status of $option" 2 $?
	[ ! -e ran ] || fail "the suite ran with $option"
	grep -q "^leak: .*${option#*=}: " err || fail "no reason with $option: $(cat err)"
done
"$leak" ci --output=report --junit=junit.xml --sarif=/dev/null -- touch ran >out 2>err
expect_eq "status" 0 $?
for file in ran report junit.xml; do [ -e $file ] || fail "no $file"; done
