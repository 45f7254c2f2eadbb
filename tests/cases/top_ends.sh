#!/bin/bash
# `leak top` says how the process ended: killed, replaced, its file removed, its tables in memory only.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/parts/server.inc"

build_server

# ends WHAT OPERAND ACTION SENTENCE: while `leak top OPERAND` watches, ACTION; then it says SENTENCE.
ends() {
	rm -f out err status
	watch "$2" --interval 1h
	wait_for 30 grep -q cache_put out || fail "$1: no first table: $(cat err)"
	eval "$3"
	wait_for 30 test -s status || fail "$1: leak top did not end"
	expect_eq "$1: status" 0 "$(cat status)"
	expect_eq "$1: what it said to stderr" '' "$(cat err)"
	grep -qx "$4" out || fail "$1: said $(tail -n 3 out)"
	exec {to}>&- {from}<&-
	wait
	rm -f "$work"/images/*
}
killed='the process ended without a goodbye (killed, crashed, or by a bare system call)'

start_server
ends 'kill -9 of a pid' "$server" 'kill -9 "$server"' "$killed"
start_server
ends 'kill -9 of an image' "$(images)" 'kill -9 "$server"' "$killed"
start_server
# shellcheck disable=SC2016
ends 'an image that was removed' "$(images)" 'rm "$work"/images/*; kill -9 "$server"' "$killed"
start_server
# shellcheck disable=SC2016
ends 'an image that was renamed' "$(images)" 'mv "$work"/images/* aside; exec {to}>&-' \
	'the process exited with status 3'
# shellcheck disable=SC2016
under=(bash -c 'ulimit -f 0; exec "$@"' -)
start_server
expect_eq "images of a process without a file" "" "$(images)"
ends 'tables in memory' "$server" 'kill -9 "$server"' \
	'the process has ended, and with it its tables, which were in its memory'
under=()

# `leak run` knows more than the image does.
"$leak" run -q -o "$work/images/run.leak" -- ./server <requests >answers 2>/dev/null &
runner=$!
exec {to}>requests {from}<answers
ask c
server=$(pgrep -x -P $runner server) # others may run tests with a server
ends 'kill -9 under leak run' "$work/images/run.leak" 'kill -9 "$server"' \
	'the process was killed by signal 9 (SIGKILL)'

# An image of a process that has ended: one table, at once.
start_server
ask g
end_server
COLUMNS=60 run_leak top "$(images)" --interval 1h >out 2>err || fail "an ended image: $(cat err)"
expect_eq "tables of an ended image" 1 "$(grep -c '^leak top' out)"
grep -qx 'the process exited with status 3' out || fail "said: $(cat out)"
grep -q '^ *102 KiB *-  open_session growing' out || fail "no row of the ended image: $(cat out)"
expect_eq "lines of the table that are too long" '' "$(sed '/^$/q' out | grep '.\{61\}')"

# What cannot be watched.
"$leak" top "$server" >out 2>err
expect_eq "status for a process that is gone" 3 $?
grep -q "^leak: $server: no such process and no such file" err || fail "said: $(cat err)"
"$leak" top >out 2>err
expect_eq "status without an operand" 2 $?
"$leak" top $$ --interval 50ms >out 2>err
expect_eq "status of an interval that is too short" 2 $?
"$leak" top "$(images)" --count 0 >out 2>err
expect_eq "status of --count 0" 2 $?
