#!/bin/bash
# What valgrind writes to suppress a record hides it here, and what is written here hides it in valgrind.
# timeout: 300
. "$(dirname "$0")/../lib.sh"
need valgrind g++
v=$build/leak-valgrind

# A block may be of another kind under valgrind, where its stack has other old pointers. So entries are for
# every kind.
entries() { # LOG
	sed -n '/^ *{/,/^ *}/p' "$1" | grep -v match-leak-kinds
}

# left WHAT COMMAND…: fails when there are records.
left() {
	"${@:2}" >left 2>&1
	[ "$(grep -c 'loss record' left)" = 0 ] || fail "$1 leave $(grep -A8 'loss record' left)"
}

full=(-q --leak-check=full --show-leak-kinds=all)
total=0
while read -r name flags; do
	# shellcheck disable=SC2086
	g++ -std=c++17 -g -w -pthread $flags -o "$name" "$tests/oracle/parts/suppress_names.cc" ||
		fail "cannot compile with $flags"
	valgrind "${full[@]}" --gen-suppressions=all "./$name" >theirs 2>&1 || fail "valgrind fails"
	"$v" "${full[@]}" --gen-suppressions=all "./$name" >ours 2>&1 || fail "leak-valgrind fails"
	entries theirs >theirs.supp
	entries ours >ours.supp
	count=$(grep -c '^{' ours.supp)
	[ "$count" -gt 40 ] || fail "only $count entries with $flags"
	total=$((total + count))
	left "with $flags, our entries in valgrind" valgrind "${full[@]}" --suppressions=ours.supp "./$name"
	left "with $flags, its entries here" "$v" "${full[@]}" --suppressions=theirs.supp "./$name"
	left "with $flags, our entries here" "$v" "${full[@]}" --suppressions=ours.supp "./$name"

	# The same of a report in XML, and of leak suppress gen.
	"$leak" run -q -o "$name.leak" -- "./$name" >out 2>&1 || fail "leak run: $(cat out)"
	"$leak" report --kinds=all --format=valgrind-xml "$name.leak" >xml 2>err || fail "leak report: $(cat err)"
	entries xml >xml.supp
	left "with $flags, entries of the XML in valgrind" valgrind "${full[@]}" --suppressions=xml.supp "./$name"
	"$leak" suppress gen --format=valgrind --depth=20 "$name.leak" >gen.supp || fail "leak suppress gen fails"
	left "with $flags, generated entries in valgrind" valgrind -q --leak-check=full --suppressions=gen.supp "./$name"
done <<'END'
plain -O0
fast -O2 -fno-builtin
whole -O2 -fno-builtin -flto
END
echo "counted: $total entries"
