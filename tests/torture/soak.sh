#!/bin/bash
# Threads that end and begin, blocks, large blocks and pages for LEAK_SOAK_SECONDS (make soak: an hour): the
# image equals a shadow model, and from the middle of the run on the recorder's memory does not grow.
# timeout: 300
. "$(dirname "$0")/model.inc"
seconds=${LEAK_SOAK_SECONDS:-24}
# Few call stacks where time is short: it takes millions of events until each thread's slot has met all.
depth=$((seconds >= 600))
model workers=$((depth ? 8 : 2)) depth=$depth steps=2000 seconds="$seconds" sample=$((seconds / 120 + 2)) flat=1 seed=901
sed -n 's/^flat: \(.*\)/counted: \1/p' found
