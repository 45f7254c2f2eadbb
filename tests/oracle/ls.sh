#!/bin/bash
# ls of a directory with 200 entries.
. "$(dirname "$0")/valgrind.inc"

mkdir d && (cd d && touch $(seq 1 200))
oracle ls -l d
