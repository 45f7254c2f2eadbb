#!/bin/bash
# A program's name that a terminal would take for a command is shown as text, also in the line at the end.
. "$(dirname "$0")/../lib.sh"
need gcc

name=$'a\x1b[31m\nb\xc2\x9bc\'d'
gcc -O0 -w -x c -o "$name" - <<<'#include <stdlib.h>
int main(void) { char *volatile lost = malloc(77); lost = 0; return 3; }' || fail "cannot compile"
LD_PRELOAD=$lib LEAK_OPTIONS=summary=1:output=%e.leak "./$name" 2>line
expect_eq "status" 3 $?
expect_eq "lines" 1 "$(wc -l <line)"
[ "$(tr -d '\n[:print:]' <line | wc -c)" = 0 ] || fail "raw bytes: $(cat -v line)"
grep -qF 'a\x1b[31m\x0ab\xc2' line || fail "the name is not shown: $(cat -v line)"
# What is to be typed names the image.
image=$(sed -n 's/.*leak report //p' line)
[ "$(eval "ls $image" | wc -c)" -gt 10 ] || fail "no image by the name that is printed: $image"
