#!/bin/bash
# Under valgrind, which refuses to let a mapping grow in place, the image grows by another one behind it.
. "$(dirname "$0")/../lib.sh"
need gcc jq valgrind

gcc -O0 -w -o many -x c - <<<'#include <stdlib.h>
int main(void) { for (int i = 0; i < 60000; i++) malloc(24); return 0; }' || fail "cannot compile"
preloaded valgrind -q --tool=none ./many >out 2>&1
expect_eq "status" 0 $?
"$leak" report --format=json "$work"/images/*many* >"$work/report.json" 2>/dev/null
expect_eq "allocations, dropped, only in memory" "60000 0 0" "$(field '.processes[0] |
	"\(.totals.allocs) \(.not_recorded.dropped_events) \(.not_recorded.memory_only_image_bytes)"')"
