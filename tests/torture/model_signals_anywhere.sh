#!/bin/bash
# The allocator is one that may be called in signal handlers, and a handler allocates and frees a thousand
# times a second wherever it interrupts it, or the recorder: the image equals a shadow model.
# timeout: 300
. "$(dirname "$0")/model.inc"
model safe=1 workers=1 steps=100000 signals=1000 seed=211
model safe=1 workers=8 steps=20000 lives=40 signals=3000 seed=212
model safe=1 workers=64 steps=4000 lives=128 signals=3000 seed=213
