#!/bin/bash
# The live index gives back site, exact size, function, thread and age of every block, with jemalloc preloaded.
. "$(dirname "$0")/../lib.sh"
allocator=libjemalloc.so.2
. "$tests/cases/parts/live_record.inc"
