#!/bin/bash
# python3: its own tests of faulthandler (processes that crash, alternate stacks, signals).
# pitfall: P15 P22 P40
# timeout: 900
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/parts/python_tests.inc"

read -ra modules < <(by_length test_faulthandler 'test_faulthandler test_signal')
same python_tests "${modules[@]}"
many_ran 40
