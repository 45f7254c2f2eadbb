#!/bin/bash
# A block written past its end makes the heap walk of a core stop there and say so, with the address.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/core.inc"

need gcc jq
cat >p.c <<'END'
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
int main(int count, char **arguments)
{
	char *volatile blocks[10], *volatile one;
	char line[80];
	for (int i = 0; i < 10; i++) blocks[i] = malloc(1100);
	if (strcmp(arguments[count - 1], "used") == 0) memset(one = blocks[4], 'A', 1120);
	if (strcmp(arguments[count - 1], "free") == 0) {
		free(blocks[7]);
		blocks[8][-16] = 1;
	}
	if (strcmp(arguments[count - 1], "top") == 0) memset(one = blocks[9], 'A', 1120);
	write(1, line, (size_t)sprintf(line, "%lu %lu\n",
		(unsigned long)blocks[strcmp(arguments[count - 1], "free") == 0 ? 7
			: strcmp(arguments[count - 1], "used") == 0 ? 5 : 9] - 16,
		(unsigned long)blocks[9] + 1104));
	abort();
}
END
gcc -g -O0 -w -o p p.c || fail "cannot compile"

see() { # HOW ADDRESS_FIELD USED_BLOCKS WORDS
	crash "$PWD/p" "$1"
	core_report "$core"
	local place
	place=$(cut -d' ' -f"$2" "$work/out")
	expect_eq "$1: corrupt at" "true $place" \
		"$(field '.processes[0].heap.arenas[0] | "\(.corrupt) \(.trouble_address)"')"
	expect_eq "$1: used blocks before that" "$3" "$(($(field '.processes[0].heap.arenas[0].used.blocks') - own))"
	expect_eq "$1: bytes of the arena" "$bytes" "$(field '.processes[0].heap.arenas[0]
		| .used.bytes + .free.bytes + .cached.bytes + .fast.bytes + .top_bytes + .unknown_bytes')"
	"$leak" report "$core" >"$work/report.txt" 2>/dev/null
	in_text "^VERDICT .*; its heap is corrupt at 0x$(printf %x "$place")$" \
		"^the heap is corrupt at 0x$(printf %x "$place"): $4$" \
		'could not be walked and are in no column$'
}

crash "$PWD/p" none
core_report "$core"
expect_eq "none: corrupt" "false null" "$(field '.processes[0].heap.arenas[0] | "\(.corrupt) \(.trouble)"')"
own=$(($(field '.processes[0].heap.arenas[0].used.blocks') - 10))
bytes=$(field '.processes[0].heap.arenas[0].bytes')
see used 1 5 'a chunk there cannot have the size 0x4141414141414141, probably written over from the block before it'
see free 1 7 'the size of the free chunk there, 0x461, is not what stands behind it'
see top 2 10 'a chunk there cannot have the size 0x4141414141414141, .*'
exit 0
