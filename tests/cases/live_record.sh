#!/bin/bash
# The live index gives back site, exact size, function, thread and age of every block.
. "$(dirname "$0")/../lib.sh"
allocator=''
. "$tests/cases/parts/live_record.inc"
