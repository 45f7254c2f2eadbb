#!/bin/bash
# redis-server under load: commands, scripts in Lua, a background save (fork), its threads, and redis-cli.
# timeout: 170
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/verify.inc"
need redis-server redis-cli

port=$(unused_port)
# Its own allocator is linked in; the recorder sees what it and its threads take from libc.
scenario() {
	redis-server --port "$port" --bind 127.0.0.1 --dir "$PWD" --daemonize no --save '' --logfile log &
	local server=$! cli=(redis-cli -p "$port")
	wait_for 30 "${cli[@]}" ping || return 1
	for i in $(seq 1 20000); do printf 'SET key:%d %0*d\n' "$i" $((i % 200)) 7; done | "${cli[@]}" --pipe | tail -1
	for i in $(seq 1 2000); do printf 'LPUSH list %d\nHSET hash %d %d\nZADD set %d m%d\n' "$i" "$i" "$i" "$i" "$i"; done |
		"${cli[@]}" --pipe | tail -1
	"${cli[@]}" get key:33
	"${cli[@]}" eval 'local t = {} for i = 1, 2000 do t[i] = redis.call("GET", "key:" .. i) end return #t' 0
	"${cli[@]}" sort list limit 0 2
	"${cli[@]}" bgsave && wait_for 30 test -s dump.rdb
	"${cli[@]}" flushall async
	"${cli[@]}" shutdown nosave
	wait $server
}
# How often the waiting loop asks differs from run to run: stdout does not.
verify_same 'events>=50000' scenario
