#!/bin/bash
# gawk: arrays and strings.
. "$(dirname "$0")/valgrind.inc"
need gawk

oracle gawk 'BEGIN { for (i = 0; i < 2000; i++) a[i % 71] = a[i % 71] i; n = asort(a); print n, length(a[1]) }'
