#!/bin/bash
# LD_PRELOAD with $LIB finds the recorder among those of several machines, so that the loader has nothing to
# complain about; for a program of 32 bits leak doctor and leak run say why it cannot be.
# pitfall: P34 F15
. "$(dirname "$0")/../lib.sh"
need gcc jq

echo '#include <stdlib.h>
int main(void) { void *volatile block = malloc(10); block = NULL; return 5; }' >p.c
gcc -g -o p p.c || fail 'cannot compile'
# What the loader makes of $LIB here.
mkdir tree && for directory in lib lib64 "lib/$(gcc -print-multiarch)"; do
	mkdir -p "tree/$directory" && cp "$lib" "tree/$directory/" || fail 'cannot copy'
done
LD_PRELOAD="$PWD/tree/\$LIB/libleak.so" LEAK_OPTIONS="output=$work/images/p.leak" ./p >out 2>err
expect_eq status 5 $?
expect_eq 'what the loader says' '' "$(cat out err)"
report
expect_eq 'blocks' 1 "$(field '.processes[0].live.blocks')"

cp p p32 && printf '\001' | dd of=p32 bs=1 seek=4 conv=notrunc 2>/dev/null || fail 'cannot make a program of 32 bits'
"$leak" doctor ./p32 >out
expect_eq 'status of leak doctor' 3 $?
grep -q '^NO    ./p32 is built for another kind of processor (or for 32 bits)' out || fail "leak doctor: $(cat out)"
