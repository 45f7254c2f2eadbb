#!/bin/bash
# vim, as a batch editor.
. "$(dirname "$0")/valgrind.inc"
need vim gcc

seq 200 >text
witness "vim itself allocates a little more outside valgrind; why was not found out"
oracle vim -es -u NONE -c '%s/1/one/g' -c 'wq! out' text
