#!/bin/bash
# timeout: 600
# The tables' unit tests under ThreadSanitizer: the threads that share them never race.
. "$(dirname "$0")/../lib.sh"
need gcc make

echo 'int main(void) { return 0; }' >none.c
gcc -fsanitize=thread -o none none.c 2>/dev/null || skip "no ThreadSanitizer here"
copy_sources
tables=(live stacks regions)
make -s SAN=thread "${tables[@]/#/build/san-thread/unit/test_}" >make.log 2>&1 ||
	{ tail make.log; fail "it does not build"; }
for table in "${tables[@]}"; do
	test=build/san-thread/unit/test_$table
	# Address space randomisation of many bits is more than older runtimes can map.
	setarch -R "$test" >log 2>&1 || { tail -n 40 log; fail "$(basename "$test")"; }
	grep -q 'WARNING: ThreadSanitizer' log && { cat log; fail "$(basename "$test") races"; }
	ok=$(grep -c '  OK ' log)
	[ "$ok" -gt 0 ] || { cat log; fail "$(basename "$test") ran no test"; }
	echo "$(basename "$test"): $ok tests, no race"
done
echo "counted: ${#tables[@]} tables, no race"
