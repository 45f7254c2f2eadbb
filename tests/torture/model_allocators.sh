#!/bin/bash
# jemalloc, tcmalloc and mimalloc, preloaded next to the recorder and linked to the program: the image equals a
# shadow model, block by block, also of operator new, which in these does not call malloc.
# timeout: 300
. "$(dirname "$0")/model.inc"
knobs=(other=1 workers=16 lives=48 steps=3000 signals=1000 plugins=100)
seed=900
tried=0
for allocator in libjemalloc.so.2 libtcmalloc_minimal.so.4 libmimalloc.so.2; do
	need_lib "$allocator" >/dev/null || { echo "no $allocator here"; continue; }
	# Of these only jemalloc can be forked while other threads are in it.
	forks=0
	[ $allocator != libjemalloc.so.2 ] || forks=20
	beside=$allocator
	echo "$allocator, preloaded:"
	model "${knobs[@]}" forks=$forks seed=$((++seed))
	beside=
	build_model -Wl,--no-as-needed "-l:$allocator" -Wl,--as-needed
	echo "$allocator, linked:"
	model "${knobs[@]}" forks=$forks seed=$((++seed))
	build_model
	tried=$((tried + 1))
done
[ $tried -gt 0 ] || skip "no other allocator here"
echo "counted: $tried allocators, preloaded and linked"
