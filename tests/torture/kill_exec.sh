#!/bin/bash
# timeout: 300
# One thread calls execve while seven others allocate, at 100 random instants: each image is exact.
. "$(dirname "$0")/kill.inc"
kill_it exec 100 exec
