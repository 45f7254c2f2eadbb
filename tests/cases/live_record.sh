#!/bin/bash
# The live index gives back site, exact size, function, thread and age of every block.
allocator=''
. "$(dirname "$0")/parts/live_record.inc"
