#!/bin/bash
# python3: its own tests of multiprocessing: fork, spawn and forkserver.
# pitfall: P36 P37
# timeout: 1800
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/parts/python_tests.inc"
. "$(dirname "$0")/parts/killed_young.inc"

read -ra patterns < <(by_length 'WithProcessesTestPool* WithProcessesTestProcess* *TestForkAwareThreadLock* WithProcessesTestQueue*' '*')
for way in fork spawn forkserver; do
	same python_tests "${patterns[@]/#/--match=}" test_multiprocessing_$way
	many_ran 10
done
