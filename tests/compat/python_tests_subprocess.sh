#!/bin/bash
# python3: its own tests of subprocess.
# pitfall: P38 P39 P16
# timeout: 900
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/parts/python_tests.inc"
. "$(dirname "$0")/parts/killed_young.inc"

read -ra arguments < <(by_length '-m ProcessTestCase -m RunFuncTestCase -m POSIXProcessTestCase -m MiscTests test_subprocess' \
	'test_subprocess test_posix test_popen test_os')
same python_tests "${arguments[@]}"
many_ran 150
