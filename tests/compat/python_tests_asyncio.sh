#!/bin/bash
# python3: its own tests of asyncio.
# timeout: 900
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/parts/python_tests.inc"
. "$(dirname "$0")/parts/killed_young.inc"

read -ra modules < <(by_length 'tasks subprocess' \
	'tasks subprocess events futures locks queues runners sock_lowlevel streams threads unix_events selector_events')
same python_tests "${modules[@]/#/test_asyncio.test_}"
many_ran 200
