#!/bin/bash
# Valgrind's suppressions hide what they hide under memcheck itself.
# timeout: 400
. "$(dirname "$0")/suppress.inc"
need valgrind

build_prog "$work/bare"
prog=$work/bare/prog
preloaded "$prog" || fail "the program fails"
image=$(images)
table=$tests/oracle/parts/suppress_valgrind.table

# "kinds: line; line"
entry() {
	local text=$1 kinds=
	if [[ $text =~ ^([a-z,]+):\ (.*)$ ]]; then
		kinds=${BASH_REMATCH[1]} text=${BASH_REMATCH[2]}
	fi
	printf '{\n   tried\n   Memcheck:Leak\n%s   %s\n}\n' "${kinds:+   match-leak-kinds: $kinds$'\n'}" \
		"${text//; /$'\n'   }"
}

theirs() {
	valgrind --num-callers=40 --leak-check=full --show-leak-kinds=all --default-suppressions=no \
		--leak-check-heuristics=all ${1:+--suppressions="$1"} "$prog" 2>&1 |
		sed -n 's/,//g; s/^==[0-9]*== \([0-9]*\) \(([^)]*) \)\{0,1\}bytes in .* in loss record.*/\1 \2/p' |
		sed 's/^[0-9]* (\([0-9]*\) direct.*/\1/; s/ $//'
}

try 1001 1019 2003 3009 27 4001 4003

# What leak suppress gen writes does under memcheck what it says; the entries are for definitely and
# possibly lost blocks.
"$leak" suppress gen --format=valgrind --no-default-suppressions "$image" >"$work/gen.supp" || fail "gen fails"
expect_eq "what memcheck reports under generated entries" "1019 4001" \
	"$(theirs "$work/gen.supp" | grep -vx 72704 | sort -n | xargs)"
