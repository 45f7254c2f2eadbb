#!/bin/bash
# bash, builtins only: arrays, strings, arithmetic.
. "$(dirname "$0")/valgrind.inc"

oracle bash --norc -c 'for ((i = 0; i < 300; i++)); do a[i]=x$i; declare -A m; m[k$i]=$((i * i)); done; echo "${a[*]}" ${#m[@]}'
