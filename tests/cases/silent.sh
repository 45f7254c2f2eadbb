#!/bin/bash
# Without a terminal the recorder writes nothing; with summary=1 one line that names the image.
. "$(dirname "$0")/../lib.sh"

gcc -g -o p "$tests/cases/parts/three_blocks.c" || fail "cannot compile"
preloaded ./p >out 2>err
expect_eq "output" '' "$(cat out err)"
OPTIONS=summary=1 preloaded ./p >out 2>err
expect_eq "stdout with summary=1" '' "$(cat out)"
expect_eq "stderr lines with summary=1" 1 "$(wc -l <err)"
grep -q 'leak report' err && grep -q '20 B in 2 blocks definitely lost' err || fail "the line: $(cat err)"
OPTIONS=summary=1 preloaded true >out 2>err
expect_eq "summary of a program that leaves nothing" '' "$(cat out)"
