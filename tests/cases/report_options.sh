#!/bin/bash
# An option of another command is an error that says whose it is; help has a command's own options.
. "$(dirname "$0")/../lib.sh"

refused() { # WORDS ARGUMENTS…
	local words=$1
	shift
	"$leak" "$@" >out 2>err
	expect_eq "status of leak $*" 2 $?
	expect_eq "stdout of leak $*" '' "$(cat out)"
	expect_eq "lines of leak $*" 1 "$(wc -l <err)"
	grep -qF -- "$words" err || fail "message of leak $*: $(cat err)"
}
refused '--json is an option of report' run --json -- true
refused '--json and --top are for `leak show --who-points`' show --json
refused '--filter is an option of report' show --filter x
refused '-n is an option of top' run -n5 -- true
refused '-o is an option of report' show -o x
refused '--json is an option of report' --json report
refused '--json is an option of check' --json check
refused "-n is an option of report: write it after the command's name" -n5 report
refused '-n is an option of top; `leak help doctor` lists those of doctor' -n5 doctor
refused "-n is an option of top: write it after the command's name" -n5
refused "unknown option '--nonsense'; \`leak help report\` lists its options" report --nonsense
refused "unknown option '-z'; \`leak help run\` lists its options" run -z -- true
refused "unknown option '--nonsense'; \`leak help\` lists the options" --nonsense
for option in sysroot symbols; do
	refused "--$option=/nonexistent/x: No such file" report --$option=/nonexistent/x /dev/null
	refused "--$option=/dev/null: is not a directory" report --$option=/dev/null /dev/null
done

"$leak" help run >out
grep -q -- "-o, --output=FILE  *the image's name" out || fail "leak help run: $(cat out)"
grep -q -- '--json\|--filter\|report' out && fail "leak help run has options of report"
"$leak" help report >out
grep -q -- '-o, --output=FILE  *write the report' out || fail "leak help report: $(cat out)"
grep -q 'case-sensitive' out || fail "leak help report does not say how --filter matches"
"$leak" help doctor | grep -q "^options:" && fail "leak help doctor has options of its own"
exit 0
