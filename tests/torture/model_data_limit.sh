#!/bin/bash
# Under ulimit -d that is reached (RLIMIT_DATA, which counts private memory): the image equals a shadow model,
# each failure is counted, and what the recorder had no room for is, too.
# timeout: 300
. "$(dirname "$0")/model.inc"
for mib in 64 128; do
	model workers=8 steps=4000 large=150 limited=1 limit_data=$((mib << 20)) seed=$((700 + mib))
	[[ $(tail -n 1 found) != *' 0 allocations failed'* ]] || fail 'no allocation failed: the limit is not reached'
done
