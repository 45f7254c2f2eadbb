#!/bin/bash
# python3 with its own small-object allocator.
. "$(dirname "$0")/valgrind.inc"
need python3

why="the loader's list of what is mapped is aligned by hand, which is a heuristic of ours"
explain_class possible -2304 -1 "$why"
explain_class reachable 2304 1 "$why"

oracle /usr/bin/python3 -I -S -B -c 'import json; print(len(json.dumps({str(i): list(range(i % 20)) for i in range(300)})))'
