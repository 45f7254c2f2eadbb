#!/bin/bash
# output= with %p %e %h %t %n %q{VAR}: expanded, directories created, mode 0600.
# pitfall: P32
. "$(dirname "$0")/../lib.sh"

gcc -g -o p "$tests/cases/parts/three_blocks.c" || fail "cannot compile"
WHO=me LD_PRELOAD=$lib LEAK_OPTIONS="output=$work/a/b/%e-%q{WHO}-%%-%p.img" ./p 2>err &
pid=$!
wait $pid
expect_eq status 9 $?
[ -s "$work/a/b/p-me-%-$pid.img" ] || fail "no such image: $(find "$work/a"); $(cat err)"
expect_eq mode 600 "$(stat -c %a "$work/a/b/p-me-%-$pid.img")"
LD_PRELOAD=$lib LEAK_OPTIONS="output=$work/c/x.%t.%n.%h" ./p
expect_eq status 9 $?
find "$work/c" -type f | grep -Eq "/x\.[0-9]+\.[0-9]+\.[^%]+$" || fail "%t %n %h not expanded: $(find "$work/c")"
