#!/bin/bash
# timeout: 600
# The tables' unit tests under ThreadSanitizer: the threads that share them never race.
. "$(dirname "$0")/../lib.sh"
need gcc make

cp -r "$tests/../preload" "$tests/../Makefile" . && mkdir -p analyzer tests && cp -r "$tests/unit" tests/ ||
	fail "cannot copy the sources"
make -s SAN=thread unit >make.log 2>&1 || { tail make.log; skip "no ThreadSanitizer here"; }
for test in build/san-thread/unit/test_{live,stacks,regions}; do
	# Address space randomisation of many bits is more than older runtimes can map.
	setarch -R "$test" >log 2>&1 || { tail -n 40 log; fail "$(basename "$test")"; }
	grep -q 'WARNING: ThreadSanitizer' log && { cat log; fail "$(basename "$test") races"; }
	echo "$(basename "$test"): $(grep -c '  OK ' log) tests, no race"
done
