#!/bin/bash
# A program with AddressSanitizer refuses to start behind another library: leak run, leak ci and leak doctor
# say so, and what to do. With its library first it runs as without us.
# pitfall: P35
. "$(dirname "$0")/../lib.sh"
need gcc

echo 'int main(void) { return 7; }' >p.c
gcc -g -fsanitize=address -o p p.c 2>/dev/null || skip 'no libasan here'
reason='./p: is built with a sanitizer, whose library must come first and replaces malloc itself'
"$leak" run ./p >out 2>err
expect_eq "the program's own status" 1 $?
grep -q 'ASan runtime does not come first' err || fail "not asan's words: $(cat err)"
grep -q "^leak: $reason" err || fail "leak run: $(cat err)"
"$leak" ci -- sh -c './p; true' >out 2>&1
expect_eq 'status of leak ci' 3 $?
grep -q '^not measured: .*/p .* is built with a sanitizer' out || fail "leak ci: $(cat out)"
"$leak" doctor ./p >out
expect_eq 'status of leak doctor' 3 $?
grep -q '^NO    ./p is built with AddressSanitizer' out || fail "leak doctor: $(cat out)"
LD_PRELOAD=$(gcc -print-file-name=libasan.so):$lib LEAK_OPTIONS=output=$work/images/p.leak ./p >out 2>err
expect_eq 'status with libasan first' 7 $?
expect_eq 'its output' '' "$(cat out err)"
