#!/bin/bash
# The live index gives back site, exact size, function, thread and age of every block, with mimalloc preloaded.
. "$(dirname "$0")/../lib.sh"
allocator=libmimalloc.so.2.0
. "$tests/cases/parts/live_record.inc"
