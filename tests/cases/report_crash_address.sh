#!/bin/bash
# The address of a crash under handle_segv=1 is in the report, also address 0; else it is null.
. "$(dirname "$0")/../lib.sh"

need gcc jq
cat >p.c <<'END'
#include <stdlib.h>
int main(int count, char **arguments)
{
	(void)arguments;
	void *volatile lost = malloc(10);
	(void)lost;
	*(volatile int *)(count > 1 ? 8l : 0l) = 1;
	return 0;
}
END
gcc -g -w -o p p.c || fail "cannot compile"
crash() { # OPTIONS ADDRESS WORDS ARGUMENTS…
	local options=$1 address=$2 words=$3
	shift 3
	rm -f "$work/images/"*
	LEAK_OPTIONS=$options "$leak" run -q -o "$work/images/x.leak" -- ./p "$@" 2>/dev/null
	report
	expect_eq fault_address "$address" "$(field '.processes[0].fault_address')"
	"$leak" report "$work/images/x.leak" | grep -qE "$words" || fail "no '$words' in the report"
}
crash handle_segv=1 8 'killed by signal 11 \(SIGSEGV\) at address 0x8( |,|$)' x
crash handle_segv=1 0 'killed by signal 11 \(SIGSEGV\) at address 0x0( |,|$)'
crash '' null 'killed by signal 11 \(SIGSEGV\)( after [^,]*)?(, recorded since .*)?$'
exit 0
