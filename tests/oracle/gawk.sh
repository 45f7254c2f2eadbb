#!/bin/bash
# gawk: arrays and strings.
. "$(dirname "$0")/valgrind.inc"
need gawk gcc

explain_class possible -97 -1 "a node that gawk has freed still points at a string whose address is that of another string now"
explain_class reachable 97 1 "that string"
reused

oracle gawk 'BEGIN { for (i = 0; i < 2000; i++) a[i % 71] = a[i % 71] i; n = asort(a); print n, length(a[1]) }'
