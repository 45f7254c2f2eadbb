#!/bin/bash
# python3: its own tests of threads.
# pitfall: P36
# timeout: 600
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/parts/python_tests.inc"

read -ra modules < <(by_length test_threading \
	'test_threading test_thread test_threading_local test_threadedtempfile test_threadsignals test_queue test_fork1')
same python_tests "${modules[@]}"
many_ran 150
