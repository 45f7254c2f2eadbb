#!/bin/bash
# timeout: 300
# One thread calls _exit while seven others allocate, at 100 random instants: each image is exact.
. "$(dirname "$0")/kill.inc"
kill_it exit 100 clean
expect_eq "exit status in the report" 7 "$(field '.processes[0].exit_status')"
