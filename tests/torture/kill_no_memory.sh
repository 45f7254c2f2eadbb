#!/bin/bash
# timeout: 600
# Killed where address space ends (RLIMIT_AS), at 100 random instants: what is missing in an image is counted.
. "$(dirname "$0")/kill.inc"
kill_it no_memory 100 killed
