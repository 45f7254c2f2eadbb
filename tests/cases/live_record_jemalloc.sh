#!/bin/bash
# The live index gives back site, exact size, function, thread and age of every block, with jemalloc preloaded.
# pitfall: P59
allocator=libjemalloc.so.2
. "$(dirname "$0")/parts/live_record.inc"
