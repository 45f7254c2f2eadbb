#!/bin/bash
# Hundreds of children are forked by threads that allocate, while others do, and load and unload libraries: the
# images of all equal a shadow model.
# timeout: 300
. "$(dirname "$0")/model.inc"
model workers=8 steps=10000 forks=200 signals=1000 seed=301
model safe=1 workers=8 steps=10000 forks=50 signals=1000 seed=302
model workers=2 steps=20000 forks=1000 plugins=50000 seed=303
