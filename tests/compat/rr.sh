#!/bin/bash
# rr: records a program with threads and replays it.
# timeout: 300
. "$(dirname "$0")/../lib.sh"
need rr gcc
rr record -o "$work/try" true >"$work/rr.log" 2>&1 || skip "rr cannot record here: $(grep -m1 -o 'Unable[^;]*' "$work/rr.log")"
program rr rr --version

gcc -g -O1 -pthread -o "$work/guest" "$tests/compat/parts/guest.c" || fail 'cannot compile'

scenario() {
	rr record -o trace.volatile "$work/guest" "$1"
	echo "recorded $?"
	env -u LD_PRELOAD rr replay -a trace.volatile 2>/dev/null
	echo "replayed $?"
}
same scenario "$(by_length 2000 200000)"
