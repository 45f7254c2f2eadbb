#!/bin/bash
# python3 with its own small-object allocator.
. "$(dirname "$0")/valgrind.inc"
need python3

oracle /usr/bin/python3 -I -S -B -c 'import json; print(len(json.dumps({str(i): list(range(i % 20)) for i in range(300)})))'
