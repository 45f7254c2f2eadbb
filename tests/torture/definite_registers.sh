#!/bin/bash
# 200 threads that keep a block by a register alone, spinning or in the kernel, by their stack, or not at all:
# exactly those of the last are lost.
# timeout: 240
. "$(dirname "$0")/definite.inc"
need gcc

gcc -g -O1 -pthread -I"$root" -o "$work/registers" "$tests/torture/parts/registers.c" || fail "cannot compile"
scenario() {
	recorded "$work/registers"
}
# definite and indirect, of heads of 48 bytes that point at tails of 40.
classes_of() {
	echo "registers null: $((48 * $1))/$1 $((40 * $1))/$1"
}

# Without registers those are lost, too: they are nowhere else.
in_empty scenario
read -r _ in_registers _ _ _ lost <"$work/out"
rm -f "$work"/images/*
OPTIONS=use_registers=0 in_empty scenario
report
expect_eq "lost without registers" "$(classes_of $((in_registers + lost)))" "$(lost)"
rm -f "$work"/images/*

fifty scenario
expect_eq "processes" $runs "$(checked registers)"
expect_eq "threads" "200 200" "$(field '[.processes[].check.threads] | "\(min) \(max)"')"
expect_eq "lost" "$(classes_of "$lost")" "$(lost)"
counted "lost in each: $lost of 200, $in_registers are kept by registers"
