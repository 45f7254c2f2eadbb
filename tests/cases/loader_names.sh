#!/bin/bash
# LD_PRELOAD with $LIB finds the recorder among those of several machines, so that the loader has nothing to
# complain about; for a program of 32 bits leak doctor and leak run say why it cannot be. A program that
# the loader was told to run (ld.so ./p) has its own name.
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

loader=$(readelf -l p | sed -n 's/.*program interpreter: \(.*\)\]/\1/p')
for program in ./p "$PWD/p" "--argv0 other ./p"; do
	rm -f "$work"/images/*
	# shellcheck disable=SC2086
	preloaded "$loader" $program
	expect_eq "status of $program" 5 $?
	report
	expect_eq "program of $program" "$PWD/p" "$(field '.processes[0].exe')"
	expect_eq "frame of $program" "main p.c" \
		"$(field '.sites[0].frames[0] | "\(.function) \(.file | split("/") | last)"')"
done

# Nor does it count as a program that was not measured.
"$leak" ci --strict -- "$loader" ./p >out 2>&1
expect_eq 'status of leak ci: the command'"'"'s own' 5 $?
! grep -q 'not measured' out || fail "leak ci: $(cat out)"
