#!/bin/bash
# The live index gives back site, exact size, function, thread and age of every block, with tcmalloc preloaded.
# pitfall: P49
allocator=libtcmalloc_minimal.so.4
. "$(dirname "$0")/parts/live_record.inc"
