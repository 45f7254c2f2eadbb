#!/bin/bash
# timeout: 300
# One thread makes the bare system call exit_group, at 100 random instants: each image is exact.
. "$(dirname "$0")/kill.inc"
kill_it exit_raw 100 killed
