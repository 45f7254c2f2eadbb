#!/bin/bash
# The live index gives back site, exact size, function, thread and age of every block, with mimalloc preloaded.
allocator=libmimalloc.so.2.0
. "$(dirname "$0")/parts/live_record.inc"
