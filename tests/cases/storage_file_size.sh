#!/bin/bash
# RLIMIT_FSIZE of any size: no SIGXFSZ; what may not be in the file is told, and nothing is when all may.
# pitfall: P26 F17
. "$(dirname "$0")/../lib.sh"
need gcc jq

gcc -g -O0 -pthread -o p "$tests/cases/parts/grow_tables.c" || fail "cannot compile"
run() { # KIB ARGUMENT…: stdout, status and report under the limit; stdout is a pipe
	local limit=$1
	shift
	rm -f "$work"/images/* report.json
	(
		ulimit -f "$limit"
		preloaded ./p "$@" 2>/dev/null
		echo "status $?"
	) | cat >out
	expect_eq "with $limit KiB and '$*'" "sum 20394496, errno kept status 7" "$(paste -sd' ' out)"
	[ -n "$(images)" ] || return
	"$leak" report --format=json "$work"/images/* >"$work/report.json" 2>/dev/null
	expect_eq "processes with $limit KiB" 1 "$(field '.processes | length')"
	expect_eq "dropped events with $limit KiB" 0 "$(field '.processes[0].not_recorded.dropped_events')"
	# The file is no longer than it may be.
	[ "$(stat -c %s "$work"/images/*)" -le $((limit * 1024)) ] || fail "the image is longer than $limit KiB"
	gone=$(field '.processes[0].not_recorded.memory_only_image_bytes')
	expect_eq "missing with $limit KiB" "$gone" "$(field '.processes[0].not_recorded.truncated_image_bytes')"
	live=$(field '.processes[0].live | "\(.blocks) \(.bytes)"')
}
run 0
[ -z "$(images)" ] || fail "an image with ulimit -f 0: $(images)"
for limit in 100 700 1024 1500 2047; do
	run $limit
	[ "$gone" -gt 100000 ] || fail "with $limit KiB nothing is missing: $gone"
done
for limit in 4000 8191 unlimited; do
	[ $limit = unlimited ] && limit=$((1 << 40))
	run $limit noexec
	expect_eq "missing with $limit KiB" "0, live 160000 2080000" "$gone, live $live"
done
# The limit is lowered on the way, and an exec fails, for which the file is cut: it goes on in memory.
run 4000 fsize noexec
[ "$gone" -gt 100000 ] || fail "lowered to 1 MiB, and nothing is missing"
