#!/bin/bash
# python3 with PYTHONMALLOC=malloc: every object is an event.
. "$(dirname "$0")/valgrind.inc"
need python3 gcc

fixed+=(PYTHONMALLOC=malloc)
witness "python turns addresses into numbers (id), whose sizes depend on the address"
oracle /usr/bin/python3 -s -S -B -c 'print(sum(len(str(i)) for i in range(2000)))'
