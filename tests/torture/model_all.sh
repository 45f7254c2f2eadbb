#!/bin/bash
# Everything at once: 64 threads that end and begin, signals, forked children, libraries that come and go: the
# image equals a shadow model. Also with an allocator that handlers may call anywhere, so that they interrupt the
# recorder in every state.
# timeout: 300
. "$(dirname "$0")/model.inc"
model workers=64 steps=3000 lives=256 signals=1000 forks=30 plugins=300 seed=801
model safe=1 workers=64 steps=3000 lives=256 signals=1000 forks=30 plugins=300 seed=802
