#!/bin/bash
# limit=80%: a snapshot when 80 % of the address space is used, and when an allocation fails.
. "$(dirname "$0")/../lib.sh"

cat >p.c <<'END'
#include <errno.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
static void *volatile last;
int main(void)
{
	char *block;
	int blocks = 0;
	errno = 77;
	while ((block = malloc(1 << 20))) {
		memset(block, 1, 1 << 20);
		blocks++;
		if (errno != 77) return 1;
	}
	if (errno != ENOMEM) return 2;
	if (malloc(1ul << 40) || calloc(1ul << 20, 1ul << 20) || realloc(last, 1ul << 40)) return 3;
	fprintf(stderr, "%d\n", blocks);
	return 0;
}
END
gcc -g -O0 -o p p.c 2>/dev/null || fail "cannot compile"
(
	ulimit -v 400000
	OPTIONS=limit=80% preloaded ./p 2>blocks
) || fail "the program failed: status $?"
report
blocks=$(cat blocks)
expect_eq "live blocks" "$blocks" "$(field '.processes[0].live.blocks')"
expect_eq "allocations that failed" 4 "$(field '.processes[0].failed_allocs')"
expect_eq "snapshots near the limit" 1 \
	"$(field '[.processes[0].on_the_brink[] | select(.limit == "address space")] | length')"
field '.processes[0].on_the_brink[] | select(.limit)
	| "\(.limit_bytes == 409600000) \(.used_bytes >= 0.80 * .limit_bytes) \(.used_bytes < 0.82 * .limit_bytes)
		\(.live.bytes < .used_bytes) \(.live.bytes > 0.6 * .used_bytes)"' | tr -d '\n\t' >seen
expect_eq "limit, used, live" "true true truetrue true" "$(cat seen)"
# The first, second and fourth failure are noted.
expect_eq "failures noted" "1048576 1099511627776 1099511627776" \
	"$(field '[.processes[0].on_the_brink[] | select(.limit == null) | .requested_bytes] | join(" ")')"
run_leak report "$(images)" >text
grep -q "note: .* address space was at .* of 390.6 MiB after .* with .* live" text || fail "no note: $(tail -5 text)"
grep -q "note: .* 4 allocations failed, the first of 1.0 MiB after .* with $blocks.0 MiB live" text ||
	fail "no note of the failures: $(tail -5 text)"
