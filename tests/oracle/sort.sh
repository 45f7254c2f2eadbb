#!/bin/bash
# sort of 20,000 lines in one thread.
. "$(dirname "$0")/valgrind.inc"

seq 1 20000 >in
oracle sort --parallel=1 -r in
