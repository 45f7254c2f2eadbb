#!/bin/bash
# Under ulimit -v that is reached, so that every allocating function fails again and again: the image equals a
# shadow model, each failure is counted, and what the recorder had no room for is, too.
# timeout: 300
. "$(dirname "$0")/model.inc"
for mib in 160 400; do
	model workers=8 steps=5000 large=150 limited=1 limit_as=$((mib << 20)) seed=$((600 + mib))
	[[ $(tail -n 1 found) != *' 0 allocations failed'* ]] || fail 'no allocation failed: the limit is not reached'
done
