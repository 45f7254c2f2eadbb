#!/bin/bash
# Random operations by 1, 2, 4, … 64 threads that hand their blocks to each other: the image equals a
# shadow model, block by block and page by page.
# timeout: 300
. "$(dirname "$0")/model.inc"
for threads in 1 2 4 8 16 32 64; do
	model workers=$threads steps=$((60000 / threads)) lives=$((2 * threads)) seed=$((100 + threads))
done
