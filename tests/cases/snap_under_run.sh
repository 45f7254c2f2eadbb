#!/bin/bash
# `leak run` completes its command's image, not a snapshot of it, though both have its pid.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/parts/server.inc"

build_server
"$leak" run -q -- ./server <requests >answers 2>err &
exec {to}>requests {from}<answers
trap 'kill -9 "$server" 2>/dev/null; cleanup' EXIT
ask cg
server=$(find . -name 'leak.server.*.leak' | sed 's/.*server\.\([0-9]*\)\.leak/\1/')
for i in 1 2 3; do
	"$leak" snap --no-check -q "$server" >/dev/null || fail "leak snap failed"
done
kill -9 "$server"
wait
"$leak" report --json "leak.server.$server.leak" >"$work/report.json"
expect_eq "state of the image" "crashed 9" "$(field '.processes[0] | "\(.state) \(.signal)"')"
for i in 1 2 3; do
	"$leak" report --json "leak.server.$server.snap$i.leak" >"$work/report.json"
	expect_eq "state of snapshot $i" "running null" "$(field '.processes[0] | "\(.state) \(.signal)"')"
done
