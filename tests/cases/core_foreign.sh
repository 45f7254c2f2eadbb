#!/bin/bash
# What is no core that leak can read is refused with what it is: compressed, a program, of another machine.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/core.inc"

need gcc python3
printf 'int main(void) { return *(volatile int *)16; }\n' >p.c
gcc -g -O0 -w -o p p.c || fail "cannot compile"
crash "$PWD/p"

refused() { # FILE WORDS
	"$leak" report "$1" >out 2>err
	expect_eq "status for $1" 3 $?
	expect_eq "report for $1" "" "$(cat out)"
	grep -qE "^leak: $1: .*($2)" err || fail "said of $1: $(cat err)"
	expect_eq "lines said of $1" 1 "$(wc -l <err)"
}

for tool in zstd lz4 xz gzip; do
	type $tool >/dev/null 2>&1 || continue
	$tool -c <"$core" >core.$tool || fail "$tool fails"
	refused core.$tool "is compressed; unpack it first: $tool -d$"
done
head -c 100000 /dev/urandom >random
refused random 'not a libleak image'
refused p 'is a program or a library, and not the core file of one'

# variant NAME OFFSET BYTES: the core with other bytes in its ELF header.
variant() {
	python3 - "$core" "$@" <<-'END'
		import sys
		core, name, offset, values = sys.argv[1:]
		data = bytearray(open(core, "rb").read())
		data[int(offset):int(offset) + len(bytes.fromhex(values))] = bytes.fromhex(values)
		open(name, "wb").write(data)
	END
}
variant core32 4 01
refused core32 '32-bit'
variant other_order 5 02010000000000000000000004
refused other_order 'byte order|not a|cut or damaged'

# The same core said to be of other machines: its map can be told; registers are another matter.
for machine in b700 f300 1500; do
	variant core.$machine 18 $machine
	core_report core.$machine
	expect_eq "machine $machine: threads" 1 "$(field '.processes[0].threads_at_end | length')"
	[ "$(field '[.processes[0].memory_map[].bytes] | add')" -gt 100000 ] || fail "machine $machine: no map"
done
exit 0
