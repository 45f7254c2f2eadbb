#!/bin/bash
# Interrupted a thousand times a second by a handler that maps memory, and allocates when the allocator is not
# what it interrupts: the image equals a shadow model.
# timeout: 300
. "$(dirname "$0")/model.inc"
model workers=1 steps=100000 signals=1000 seed=201
model workers=8 steps=10000 lives=24 signals=1000 seed=202
model workers=64 steps=4000 lives=128 signals=1000 seed=203
