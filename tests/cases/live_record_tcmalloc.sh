#!/bin/bash
# The live index gives back site, exact size, function, thread and age of every block, with tcmalloc preloaded.
. "$(dirname "$0")/../lib.sh"
allocator=libtcmalloc_minimal.so.4
. "$tests/cases/parts/live_record.inc"
