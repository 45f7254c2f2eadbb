#!/bin/bash
# Everything at once: 64 threads that end and begin, signals, forked children, libraries that come and go: the
# image equals a shadow model.
# timeout: 300
#
# With an allocator that handlers may call anywhere (safe=1) it is a part of `make torture` only: one run in
# some twenty drops thousands of mapping events, which it counts, or does not end, on a busy machine. Why is
# not known. model_signals_anywhere.sh has that allocator without forks and libraries.
. "$(dirname "$0")/model.inc"
model workers=64 steps=3000 lives=256 signals=1000 forks=30 plugins=300 seed=801
[ -z "${LEAK_TORTURE_SECONDS-}" ] || model safe=1 workers=64 steps=3000 lives=256 signals=1000 forks=30 plugins=300 seed=802
