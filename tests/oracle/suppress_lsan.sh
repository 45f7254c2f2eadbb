#!/bin/bash
# LeakSanitizer's suppressions hide what they hide under LeakSanitizer itself.
# timeout: 300
. "$(dirname "$0")/suppress.inc"

build_prog "$work/bare"
build_prog "$work/lsan" -fsanitize=leak
prog=$work/lsan/prog
preloaded "$work/bare/prog" || fail "the program fails"
image=$(images)
table=$tests/oracle/parts/suppress_lsan.table

entry() {
	printf 'leak:%s\n' "$1"
}

# Its quick walk does not pass libc's strdup, which has no frame pointer.
theirs() {
	LSAN_OPTIONS="fast_unwind_on_malloc=0:malloc_context_size=60:print_suppressions=0:exitcode=0${1:+:suppressions='$1'}" \
		"$prog" 2>&1 | sed -n 's/^\(Direct\|Indirect\) leak of \([0-9]*\) byte.*/\2/p'
}

theirs "" | grep -qx 1001 || skip "LeakSanitizer does not run here: $("$prog" 2>&1 | tail -1)"
try 1001 1019 2003 3009 27

# What leak suppress gen writes does under LeakSanitizer what it says, but for the lambda, of which this
# version knows no more than "operator()".
"$leak" suppress gen --no-default-suppressions "$image" >"$work/gen.supp" || fail "gen fails"
expect_eq "what LeakSanitizer reports under generated entries" 3015 "$(theirs "$work/gen.supp" | xargs)"
