#!/bin/bash
# xz in two threads, of which one is needed; its table of thread-local blocks is left.
. "$(dirname "$0")/valgrind.inc"
need xz

explain bytes 16 "the thread's table has a row for the recorder's thread-local storage"
explain live_bytes 16 "the same"
explain_class possible -272 -1 "libc points into the thread's table, not at its start; that it is libc's, the recorder knows"
explain_class reachable 288 1 "that table with the row for the recorder"
seq 1 5000 >in
oracle xz -T2 -1 -k -f in
