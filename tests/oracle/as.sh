#!/bin/bash
# The assembler. (Not cc1: its collector keeps a table for each 4 GiB of addresses that its pages happen
# to lie in, so its counts change from run to run under address space randomisation, bare as well.)
. "$(dirname "$0")/valgrind.inc"
need gcc as

printf 'int f(int n) { int s = 0; for (int i = 0; i < n; i++) s += i * n; return s; }\n' >a.c
gcc -O1 -S -o a.s a.c || fail "cannot compile"
oracle "$(command -v as)" -o a.o a.s
