#!/bin/bash
# In the core of a program with another allocator no heap of glibc's is found, and that is said.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/core.inc"

need gcc jq
other=$(need_lib libjemalloc.so.2 2>/dev/null) || skip "no libjemalloc.so.2 here"
cat >p.c <<'END'
#include <stdlib.h>
#include <string.h>
int main(void)
{
	for (int i = 0; i < 1000; i++) memset(malloc(1000), 1, 1000);
	abort();
}
END
gcc -g -O0 -w -o p p.c || fail "cannot compile"
crash env LD_PRELOAD="$other" "$PWD/p"
core_report "$core"
expect_eq "heap" "0 the program has jemalloc loaded" "$(field '.processes[0].heap | "\(.arenas | length) \(.trouble)"')"
expect_eq "stack" "main:6" "$(stack 0)"
"$leak" report "$core" >"$work/report.txt" 2>/dev/null
in_text "^no heap of glibc's malloc was found: the program has jemalloc loaded$"
exit 0
