#!/bin/bash
# A core cut anywhere gives what is left of it, and says how much is missing.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/core.inc"

need gcc jq
by_kernel
cat >p.c <<'END'
#include <stdlib.h>
#include <string.h>
static void die(void)
{
	*(volatile int *)16 = 1;
}
int main(void)
{
	for (int i = 0; i < 3000; i++) memset(malloc(1000), 1, 1000);
	die();
	return 0;
}
END
gcc -g -O0 -w -o p p.c || fail "cannot compile"
crash "$PWD/p"
core_report "$core"
expect_eq "whole: stack" "die:5 main:10" "$(stack 0)"
whole=$(field '.processes[0].core_file.core_bytes')
blocks=$(field '.processes[0].heap.arenas[0].used.blocks')
cp "$core" whole
size=$(stat -c %s whole)
# Where the notes, and the first bytes of memory, are in the file.
notes=$(readelf -lW whole | awk '$1 == "NOTE" { print strtonum($2) }')
memory=$(readelf -lW whole | awk '$1 == "LOAD" && strtonum($5) > 0 { print strtonum($2); exit }')
heap=$(readelf -lW whole | awk -v at="$(field '.processes[0].heap.arenas[0].address')" \
	'$1 == "LOAD" && strtonum($3) == at { print strtonum($2) }')
[ -n "$notes" ] && [ -n "$memory" ] && [ -n "$heap" ] || fail "the core has no notes, memory, heap where they are looked for"

refused() { # SIZE WORDS
	head -c "$1" whole >"$core"
	"$leak" report "$core" >out 2>err
	expect_eq "status of a core of $1 bytes" 3 $?
	grep -qE "^leak: $core: .*($2)" err || fail "a core of $1 bytes: $(cat err)"
	[ ! -s out ] || fail "a core of $1 bytes has a report: $(head -3 out)"
}
refused 0 'empty'
refused 10 'too short|not a libleak image|not an image|truncated|cut'
refused 40 'cut or damaged|not a libleak image|not an image|too short'
refused 100 'cut|holds no memory'
refused $((notes - 10)) 'cut|holds no memory'

# Without registers there are no threads, without the names of files no modules; but a map.
head -c $((notes + 100)) whole >"$core"
core_report "$core"
expect_eq "in the notes: threads" 0 "$(field '.processes[0].threads_at_end | length')"
expect_eq "in the notes: missing" "$whole" "$(field '.processes[0].core_file.missing_bytes')"

head -c "$memory" whole >"$core"
core_report "$core"
expect_eq "behind the notes: missing" "$whole" "$(field '.processes[0].core_file.missing_bytes')"
expect_eq "behind the notes: threads" 1 "$(field '.processes[0].threads_at_end | length')"
field '.processes[0].heap.trouble' | grep -q 'in what is missing of the core' || fail "heap: $(field '.processes[0].heap.trouble')"

# In the middle of the heap: the head of the arena and the stack are behind it.
head -c $((heap + 1500000)) whole >"$core"
core_report "$core"
expect_eq "in the heap: missing" $((size - heap - 1500000)) "$(field '.processes[0].core_file.missing_bytes')"
expect_eq "in the heap: corrupt" "false from there on it is not in the core" \
	"$(field '.processes[0].heap.arenas[0] | "\(.corrupt) \(.trouble)"')"
there=$(field '.processes[0].heap.arenas[0].used.blocks')
[ "$there" -gt 1400 ] && [ "$there" -lt 1500 ] || fail "in the heap: $there of $blocks blocks"
expect_eq "in the heap: stack" "die:5" "$(stack 0)"
expect_eq "in the heap: complete" false "$(field '.processes[0].threads_at_end[0].stack_complete')"
"$leak" report "$core" >"$work/report.txt" 2>/dev/null
in_text '^the core is truncated: .* are missing; raise the limit' '^ +BYTES +IN CORE +CUT OFF +MAPPINGS  WHAT$' \
	'blocks in fast bins count as in use$'

for at in 1 2 3 4 5 6 7 8 9; do
	head -c $((size * at / 10)) whole >"$core"
	core_report "$core"
done
exit 0
