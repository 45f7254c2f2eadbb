#!/bin/bash
# signal=USR2 has a process find out which blocks are lost, also one that waits in a system call.
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/cases/parts/asked.inc
. "$(dirname "$0")/parts/asked.inc"

OPTIONS=signal=USR2 begin threads
image=$(find "$work/images" -name 'leak.keeps*')
kill -USR2 "$pid"
checked() {
	run_leak report --json "$image" >"$work/report.json" && [ "$(field '.processes[0].check.done')" = true ]
}
wait_for 10 checked || fail "no check: $(field '.processes[0].check')"
expect_eq "classes" "$wanted" "$(classes "$image")"
expect_eq "trigger" signal "$(field '.processes[0].check.trigger')"
finish
