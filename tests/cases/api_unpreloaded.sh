#!/bin/bash
# A program that uses leak.h runs without the recorder, and has marks and snapshots with it.
. "$(dirname "$0")/../lib.sh"

cat >p.c <<'END'
#include "preload/leak.h"
#include <stdlib.h>
static void *volatile last;
int main(void)
{
	void *ignored = malloc(1000);
	if (leak_name_thread) leak_name_thread("painter");
	if (leak_ignore) leak_ignore(ignored);
	last = malloc(10);
	if (leak_mark && leak_mark("phase two") == 0) return 1;
	last = malloc(20);
	if (leak_snapshot && leak_snapshot("end") == 0) return 2;
	if (leak_disable) leak_disable();
	last = malloc(40);
	if (leak_enable) leak_enable();
	last = malloc(80);
	return leak_mark ? 5 : 6;
}
END
gcc -g -O0 -I"$root" -o p p.c || fail "cannot compile"
./p
expect_eq "status without the recorder" 6 $?
preloaded ./p
expect_eq "status under the recorder" 5 $?
report
expect_eq "reported: neither the ignored block nor the one made while disabled" '110 3' \
	"$(field '.processes[0].classes | del(.suppressed) | "\(map(.bytes) | add) \(map(.blocks) | add)"')"
expect_eq suppressed '1040 2' "$(field '.processes[0].classes.suppressed | "\(.bytes) \(.blocks)"')"
run_leak show "$(images)" >shown || fail "leak show: $?"
for word in painter 'phase two' end; do
	grep -q "$word" shown || fail "leak show does not have '$word'"
done
