#!/bin/bash
# xz in one thread.
. "$(dirname "$0")/valgrind.inc"
need xz

seq 1 5000 >in
oracle xz -T1 -1 -k -f in
