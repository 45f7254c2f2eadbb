#!/bin/bash
# python3: its own tests of the collector and of ctypes.
# timeout: 600
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/parts/python_tests.inc"

same python_tests test_gc test_ctypes
many_ran 300
# Every object is a block of malloc's.
export PYTHONMALLOC=malloc
read -rd '' -a more < <(by_length test_weakref 'test_weakref test_descr test_dict test_list test_bytes')
same python_tests test_gc test_ctypes "${more[@]}"
many_ran 400
