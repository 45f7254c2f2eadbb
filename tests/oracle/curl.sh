#!/bin/bash
# curl on a file:// URL.
. "$(dirname "$0")/valgrind.inc"
need curl

seq 1 1000 >in
oracle curl -s "file://$PWD/in"
