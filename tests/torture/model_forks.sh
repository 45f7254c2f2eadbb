#!/bin/bash
# 200 children are forked by threads that allocate, while others do: the images of all equal a shadow model.
# timeout: 300
. "$(dirname "$0")/model.inc"
model workers=8 steps=10000 forks=200 signals=1000 seed=301
model safe=1 workers=8 steps=10000 forks=50 signals=1000 seed=302
