#!/bin/bash
# leak ci is about the user's programs: what a shell or another program of the system does counts only where there are no others.
. "$(dirname "$0")/../lib.sh"
need gcc jq

system=$(command -v sh)
[[ $(readlink -f "$system") == /usr/bin/* ]] || [[ $(readlink -f "$system") == /bin/* ]] || skip "no sh in a directory of the system"
gcc -g -O0 -w -o clean -x c - <<<'#include <stdlib.h>
int main(void) { free(malloc(10)); return 0; }' || fail "cannot compile"
gcc -g -O0 -w -shared -fPIC -o leaks.so -x c - <<<'#include <stdlib.h>
__attribute__((constructor)) void leak_in_plugin(void) { void *volatile p = malloc(333); p = 0; }' || fail "cannot compile"

# ci ARGUMENT…: status in $status, report in report.json.
ci() {
	"$leak" ci --json -o report.json "$@" >out 2>err
	status=$?
}
gate() {
	jq -r "$1" report.json
}
ci -- sh -c './clean; :'
expect_eq "status with a clean program" 0 "$status"
expect_eq "judged with a clean program" 1 "$(gate .gate.judged_processes)"
ci --all-programs -- sh -c './clean; :'
expect_eq "judged with --all-programs" 2 "$(gate .gate.judged_processes)"
ci -- sh -c ':'
expect_eq "judged where there is nothing else" 1 "$(gate .gate.judged_processes)"
# What the user's library leaks in a program of the system.
ci -- sh -c './clean; LD_PRELOAD="$LD_PRELOAD:$0" sh -c :' "$PWD/leaks.so"
expect_eq "status with a leaking plugin" 23 "$status"
expect_eq "the leak of the plugin" 333 "$(gate '[.sites[] | select(.class == "definite").bytes] | add')"
# A program that could not be measured is the user's: that a shell was is no result.
if gcc -static -o static -x c - <<<'int main(void) { return 0; }' 2>/dev/null; then
	ci -- sh -c './static; :'
	expect_eq "status with a static program" 3 "$status"
fi
exit 0
