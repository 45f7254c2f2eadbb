#!/bin/bash
# Libraries that allocate are loaded and unloaded a thousand times while 8 threads allocate: the image equals a
# shadow model, also in the blocks of libraries that are gone.
# timeout: 300
. "$(dirname "$0")/model.inc"
model workers=8 steps=20000 lives=16 plugins=1000 signals=1000 seed=401
