#!/bin/bash
# An image that is named twice, or has a copy, is counted once; the next command repeats the inputs as given.
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
for number in {1..12}; do LD_PRELOAD=$lib LEAK_OPTIONS=output=many/$number.leak ./run/p; done
next "leak report many --group function | -v | --format=json" many
next "the same command with --group function | -v | --format=json" many/*
next '' images -q

# A copy is not another process.
mkdir copies && cp "$image" copies/a.leak && cp "$image" copies/b.leak && cp many/1.leak many/2.leak copies
"$leak" report --json copies >out 2>err || fail "copies: $(cat err)"
expect_eq "processes of copies" 3 "$(jq '.processes | length' out)"
expect_eq "what is said of a copy" \
	"leak: copies/b.leak: left out: it is of the same process as copies/a.leak, and its blocks would count twice; report them one at a time" \
	"$(cat err)"
"$leak" check copies 2>/dev/null | grep -q '; 3 processes judged$' || fail "check counts a copy: $("$leak" check copies 2>&1 | tail -3)"
exit 0
