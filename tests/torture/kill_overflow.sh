#!/bin/bash
# timeout: 300
# One thread's stack overflows, allocating on the way down, at 100 random instants: each image is exact.
. "$(dirname "$0")/kill.inc"
kill_it overflow 100 killed
