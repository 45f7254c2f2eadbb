#!/bin/bash
# `leak snap PID` copies an image that is only in the memory of the process, for lack of a file.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/parts/server.inc"

build_server
# shellcheck disable=SC2016
under=(bash -c 'ulimit -f 0; exec "$@"' -)
start_server
expect_eq "images" "" "$(images)"
ask gg
"$leak" snap --no-check "$server" -q -o kept.leak >out 2>err || fail "leak snap failed: $(cat err)"
kill -9 "$server"
wait
run_leak report --format=json kept.leak >"$work/report.json" || fail "the snapshot cannot be read"
expect_eq "state" running "$(field '.processes[0].state')"
expect_eq "blocks" 2010 "$(field '.processes[0].live.blocks')"
expect_eq "missing" 0 "$(field '.processes[0].not_recorded | .unreadable_sites + .truncated_image_bytes')"
expect_eq "function" open_session "$(field '.sites[0].frames[0].function')"
