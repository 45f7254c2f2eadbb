#!/bin/bash
# Truncated, garbled, empty and foreign files: exit 3 with one sentence, or a report; never a crash.
. "$(dirname "$0")/../lib.sh"

gcc -g -o p "$tests/cases/parts/three_blocks.c" || fail "cannot compile"
preloaded ./p
image=$(images | head -1)
[ -s "$image" ] || fail "no image"
size=$(stat -c %s "$image")

refused() { # FILE WHAT
	"$leak" report "$1" >out 2>err
	expect_eq "exit status for $2" 3 $?
	expect_eq "stdout for $2" '' "$(cat out)"
	expect_eq "lines on stderr for $2" 1 "$(wc -l <err)"
	grep -q "^leak: " err || fail "message for $2: $(cat err)"
}
: >empty
refused empty "an empty file"
echo 'just a text file' >text
refused text "a text file"
head -c 100000 /dev/urandom >garbage
refused garbage garbage
refused /bin/true "a program"
refused . "a directory"
refused nonexistent "a missing file"

survives() { # FILE WHAT
	timeout 20 "$leak" report --format=json "$1" >out 2>err
	local status=$?
	case $status in
	0 | 23) jq -e .schema out >/dev/null || fail "$2: not JSON" ;;
	3) jq -e .schema out >/dev/null 2>&1 || [ "$(wc -l <err)" = 1 ] || fail "$2: $(head -n 3 err)" ;;
	*) fail "$2: exit status $status, $(head -n 3 err)" ;;
	esac
}
for length in 1 7 8 16 100 512 1000 4095; do
	head -c $length "$image" >"$work/cut"
	"$leak" report "$work/cut" >out 2>err
	expect_eq "exit status for an image cut at $length" 3 $?
	grep -q 'nothing left' out && fail "an image cut at $length is said to be free of leaks"
done
for length in 4096 4097 4160 5000 8192 12288 20000 $((size / 4)) $((size / 2)) $((size - 4096)) $((size - 1)); do
	[ "$length" -gt 0 ] && [ "$length" -lt "$size" ] || continue
	head -c $length "$image" >"$work/cut"
	survives "$work/cut" "an image cut at $length"
done
RANDOM=7
for round in {1..16}; do
	cp "$image" hurt
	for spot in {1..10}; do
		printf "%b" "\\x$(printf %x $((RANDOM % 256)))" |
			dd of=hurt bs=1 seek=$((16 + (RANDOM * 32768 + RANDOM) % (size > 65536 && round % 2 ? 65536 : size - 16))) conv=notrunc 2>/dev/null
	done
	survives hurt "a garbled image, round $round"
done
