#!/bin/bash
# Unknown options, subcommands and formats: exit 2 and one sentence; --help and --version: exit 0.
. "$(dirname "$0")/../lib.sh"

refused() {
	"$leak" "$@" >out 2>err
	expect_eq "status of leak $*" 2 $?
	expect_eq "stdout of leak $*" '' "$(cat out)"
	grep -q '^leak: ' err || fail "message of leak $*: $(cat err)"
}
refused report --nonsense
refused nonsense
refused report --format=nonsense
refused report --group=nonsense
refused report --top=abc
for what in help --help -v; do
	"$leak" help $what >out || fail "leak help $what: $?"
	cmp -s out <("$leak" help) || fail "leak help $what: $(cat out)"
done
"$leak" --help >out || fail "leak --help: $?"
grep -q report out || fail "help does not name report"
"$leak" --version >out || fail "leak --version: $?"
"$leak" report >out 2>err
expect_eq "status without any image here" 3 $?
expect_eq "lines without any image here" 1 "$(wc -l <err)"

# Where names are to be looked for has to be there.
for option in --sysroot=/nonexistent --symbols=/nonexistent; do
	for what in top 'show --who-points'; do
		# shellcheck disable=SC2086
		"$leak" $what $option "$work/none.leak" >out 2>err
		expect_eq "status of $what $option" 2 $?
		expect_eq "what $what $option says" "leak: $option: No such file or directory" "$(cat err)"
	done
done
