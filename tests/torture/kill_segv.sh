#!/bin/bash
# timeout: 300
# SIGSEGV in one thread, also in the middle of an event, at 100 random instants: each image is exact.
. "$(dirname "$0")/kill.inc"
kill_it segv 100 killed
