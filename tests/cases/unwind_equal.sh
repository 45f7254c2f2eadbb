#!/bin/bash
# unwind=libunwind and unwind=libgcc give the same sites as the default walker; verify=1 changes none.
. "$(dirname "$0")/../lib.sh"

ls /usr/lib/*/libunwind.so.8 >/dev/null 2>&1 || skip "no libunwind.so.8 here"
cat >p.c <<'END'
#include <stdlib.h>
static void *volatile last;
static int compare(const void *a, const void *b) { last = malloc(5); return *(const int *)a - *(const int *)b; }
int main(void)
{
	int numbers[] = {3, 1, 2};
	qsort(numbers, 3, sizeof *numbers, compare);
	last = malloc(7);
	return 0;
}
END
gcc -g -O1 -o p p.c || fail "cannot compile"
for how in unwind=libunwind unwind=libgcc verify=1 depth=4096; do
	rm -f "$work/images/"*
	OPTIONS=$how preloaded ./p >out 2>err || fail "$how: $?"
	expect_eq "output with $how" '' "$(cat out <(grep -v '^libleak: verify: p\[[0-9]*\]: [1-9]' err))"
	report
	field '[.sites[] | select(.frames[0].function == "compare" or .frames[0].function == "main")
		| [.bytes, .blocks, [.frames[] | [.function, .line]]]] | sort | tostring' >"$how.sites"
done
for how in unwind=libunwind unwind=libgcc verify=1; do
	cmp -s "$how.sites" depth=4096.sites ||
		fail "sites differ with $how: $(diff "$how.sites" depth=4096.sites)"
done
grep -q '"compare"' depth=4096.sites || fail "no site in compare: $(cat depth=4096.sites)"
