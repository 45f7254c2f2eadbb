#!/bin/bash
# 100,000 threads, eight at a time: the image equals a shadow model, and the recorder takes no more memory for
# the last ones than for the first.
# timeout: 600
. "$(dirname "$0")/model.inc"
unset LEAK_TORTURE_SECONDS
model workers=8 lives=100000 steps=20 depth=0 large=0 pages=20 pause_at=50000 seed=501
