#!/bin/bash
# A process that allocates nothing cannot be asked which blocks are lost: that is said, and the rest kept.
. "$(dirname "$0")/../lib.sh"
gcc -w -o idle "$tests/cases/parts/hundred_then_pause.c" || fail "cannot compile"
env LD_PRELOAD="$lib" LEAK_OPTIONS="output=$work/images/leak.%e.%p.leak" ./idle >answers &
pid=$!
trap 'kill -9 "$pid" 2>/dev/null; cleanup' EXIT
wait_for 10 test -s answers || fail "it does not begin"
"$leak" snap -q -o snap.leak "$pid" >out 2>err
expect_eq "status" 0 $?
grep -q "^leak: $pid: it has allocated nothing for 2500 ms, so it could not be asked which blocks are lost; .*signal=USR2" err ||
	fail "it said: $(cat err)"
run_leak report --json snap.leak >"$work/report.json"
expect_eq "blocks, none of them classed" '100 100 null' \
	"$(field '.processes[0] | "\(.live.blocks) \(.classes.unknown.blocks) \(.check)"')"
"$leak" snap --no-check -q -o other.leak "$pid" >out 2>err
expect_eq "without asking" "0 " "$? $(cat err)"

# One that was started without checks says so.
kill -9 $pid
rm -f "$work/images/"*
# shellcheck source=tests/cases/parts/asked.inc
. "$(dirname "$0")/parts/asked.inc"
OPTIONS=classes=0 begin alone
"$leak" snap -q -o none.leak "$pid" >out 2>err
expect_eq "with classes=0" "0 leak: $pid: which blocks are lost could not be found out: it was started with classes=0" "$? $(cat err)"
finish
