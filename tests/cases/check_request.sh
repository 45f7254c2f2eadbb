#!/bin/bash
# `leak snap` has a running process find out which blocks are lost: as at its end, and it notices nothing.
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/cases/parts/asked.inc
. "$(dirname "$0")/parts/asked.inc"

count_descriptors() {
	find "/proc/$pid/fd" -mindepth 1 | wc -l
}

begin threads
descriptors=$(count_descriptors)
caught=$(grep '^SigCgt' "/proc/$pid/status")
for i in 1 2 3 4 5; do
	"$leak" snap -q -o "snap$i.leak" "$pid" >out 2>err || fail "leak snap failed: $(cat err)"
	expect_eq "complaints" '' "$(cat err)"
	expect_eq "classes in snapshot $i" "$wanted" "$(classes "snap$i.leak")"
	expect_eq "the check of snapshot $i" 'request 3 0 null true' \
		"$(field '.processes[0].check | "\(.trigger) \(.threads) \(.unmet_threads) \(.failure) \(.pause_us > 0)"')"
done
# The room for the results is used again: from the third check on nothing grows.
expect_eq "growth of the image" "$(stat -c %s snap3.leak)" "$(stat -c %s snap5.leak)"
expect_eq "descriptors" "$descriptors" "$(count_descriptors)"
expect_eq "signals that it catches" "$caught" "$(grep '^SigCgt' "/proc/$pid/status")"
# Several may ask at once.
askers=''
for i in 6 7 8 9; do
	"$leak" snap -q -o "snap$i.leak" "$pid" >/dev/null 2>"err$i" &
	askers="$askers $!"
done
# shellcheck disable=SC2086
wait $askers
expect_eq "complaints of those who ask at once" '' "$(cat err[6-9])"
for i in 6 7 8 9; do
	expect_eq "classes in snapshot $i" "$wanted" "$(classes "snap$i.leak")"
done
alone() {
	! pgrep -P "$pid" >/dev/null
}
wait_for 5 alone || fail "a copy was left behind: $(pgrep -aP "$pid")"
finish
expect_eq "classes at the end" "$wanted" "$(classes "$(images)")"
