#!/bin/bash
# timeout: 1200
# Killed by SIGKILL at 1,000 random instants, also by a debugger that holds a thread: each image has every block that there was, with size and stack.
# pitfall: P40
. "$(dirname "$0")/kill.inc"
kill_it sigkill 1000 killed
