#!/bin/bash
# An image that is named twice is counted once; the next command repeats the inputs as given.
. "$(dirname "$0")/../lib.sh"

need gcc jq
gcc -g -o p "$tests/cases/parts/three_blocks.c" || fail "cannot compile"
preloaded ./p
cd "$work" || exit 1
image=$(cd "$work" && find images -name '*.leak')
ln -s "$image" soft.leak
ln "$image" hard.leak
for inputs in "$image $image" "images $image" "$image soft.leak hard.leak" "./$image images"; do
	# shellcheck disable=SC2086
	expect_eq "processes of $inputs" 1 "$("$leak" report --json $inputs | jq '.processes | length')"
done

next() { # EXPECTED ARGUMENTS…
	local expected=$1
	shift
	expect_eq "next of $*" "$expected" "$("$leak" report "$@" 2>/dev/null | sed -n 's/^next: //p')"
}
next "leak report images --group function | -v | --format=json" images
next "leak report images --group function | -v | --format=json" images nonexistent.leak
next "leak report images '--filter=a b' --older=0 --group=function -v | --format=json" images --filter 'a b' --older 0 -g function
mkdir many
for number in {1..12}; do cp "$image" "many/$number.leak"; done
next "leak report many --group function | -v | --format=json" many
next "the same command with --group function | -v | --format=json" many/*
next '' images -q
exit 0
