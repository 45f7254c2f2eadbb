#!/bin/bash
# The files for CI of leak ci: what could not be judged does not look like what leaks nothing, and a leak
# is of the program that made it, also where its process was another program before.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/ci.inc"

need gcc
cat >p.c <<'EOF'
#include "far.h"
#include <signal.h>
#include <stdlib.h>
#include <string.h>
static void lose(void) { ((char *)malloc(100))[0] = 1; }
int main(int count, char **arguments)
{
	static void *kept;
	kept = malloc(3);
	if (strstr(arguments[0], "leaks"))
		far_below(lose);
	if (count > 1)
		raise(SIGKILL);
	free(kept);
	return 0;
}
EOF
gcc -g -I"$tests/classes/parts" -o leaks p.c && cp leaks killed && cp leaks sometimes || fail "cannot compile"
gcc -static -g -I"$tests/classes/parts" -o static p.c 2>/dev/null || skip "no static libc here"
cat >suite <<'EOF'
./killed x
./sometimes x
./sometimes
./static
./static
exec ./leaks
EOF

# suite NAME OPTIONS… - runs it, and writes its files; prints the status
suite() {
	local name=$1
	shift
	"$leak" ci --junit="$name.junit" --sarif="$name.sarif" -o "$name.text" "$@" -- sh ./suite >/dev/null 2>&1
	echo $?
	xmllint --noout --schema "$tests/schemas/junit.xsd" "$name.junit" 2>err >&2 || fail "junit: $(cat err)"
}
# cases NAME - the tests of a file: program, name, result
cases() {
	"$python" - "$1.junit" <<-'END'
		import sys
		import xml.etree.ElementTree as tree
		suite = tree.parse(sys.argv[1]).getroot()[0]
		found = suite.findall('testcase')
		for name, parts in (('tests', found), ('failures', suite.findall('*/failure')),
		                    ('skipped', suite.findall('*/skipped')), ('errors', suite.findall('*/error'))):
		    assert int(suite.get(name)) == len(parts), name
		print(' | '.join(sorted('%s %s: %s' % (case.get('classname')[5:], case.get('name').split(', ')[-1].split(' ')[0]
		      if 'lose' in case.get('name') else case.get('name'),
		      case[0].tag if len(case) else 'passed') for case in found)))
	END
}
notes() { jq -r '.runs[0].invocations[0] | .executionSuccessful, (.toolExecutionNotifications // [] | map(.level) | join(","))' "$1.sarif" | paste -sd' '; }

expect_eq "status" 23 "$(suite some)"
expect_eq "tests" 'killed not judged: skipped | leaks definite: failure | sometimes not judged: skipped | sometimes nothing leaked: passed | static not measured: skipped' \
	"$(cases some)"
grep -q 'message="2 processes; [^"]*/static \[[0-9]*\] is statically linked' some.junit || fail "no reason: $(cat some.junit)"
grep -q 'message="[^"]*/killed \[[0-9]*\] .*; which of its 3 bytes in 1 block are lost is not known"' some.junit ||
	fail "no reason: $(cat some.junit)"
expect_eq "notes of sarif" "true warning,warning,warning,warning" "$(notes some)"
jq -e '.runs[0].invocations[0].toolExecutionNotifications[0].message.text
	| test("^not judged: /.*/killed \\[[0-9]+\\] .*is not known$")' some.sarif >/dev/null || fail "$(jq -c '.runs[0].invocations' some.sarif)"

# Where that fails the run it is an error.
expect_eq "status with --strict" 23 "$(suite strict --strict)"
"$leak" ci --all-programs --junit=all.junit -- sh -c './sometimes; true' >/dev/null 2>&1
expect_eq "tests with the shell" 2 "$(grep -c 'name="nothing leaked"' all.junit)"
expect_eq "tests with --strict" 'killed not judged: error' "$(cases strict | tr '|' '\n' | grep killed | sed 's/^ *//; s/ *$//')"
sed -i '/leaks/d; /sometimes$/d' suite
expect_eq "status of nothing" 3 "$(suite nothing)"
grep -q '^leak ci: NOT MEASURED' nothing.text || fail "$(cat nothing.text)"
expect_eq "notes of nothing" "false error,error,error,error" "$(notes nothing)"
grep -q 'classname="leak.killed" name="nothing leaked"' nothing.junit && fail "$(cat nothing.junit)"
expect_eq "errors" 3 "$(grep -c '<error type="NotMeasured"' nothing.junit)"

# The JSON report has the process beside the pid.
"$leak" ci --json -o report.json -- sh -c 'exec ./leaks' >/dev/null 2>&1
expect_eq "whose it is" "leaks" "$(jq -r '. as $r | $r.sites[] | select(.class == "definite") | .processes[] | $r.processes[.].exe' report.json | sed 's,.*/,,')"
