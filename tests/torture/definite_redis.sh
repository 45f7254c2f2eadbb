#!/bin/bash
# redis-server with its background threads, input and output threads, and a child that saves: nothing is lost.
# timeout: 240
. "$(dirname "$0")/definite.inc"
need redis-server redis-cli

commands() {
	local i
	for ((i = 0; i < 200; i++)); do printf 'SET key:%d %0*d\nLPUSH list %d\n' $i $i 7 $i; done
	printf 'EVAL "return redis.call(\\"dbsize\\")" 0\nBGSAVE\nUNLINK list\n'
}
scenario() {
	recorded redis-server --port 0 --unixsocket "$PWD/s" --dir "$PWD" --daemonize no --save '' --logfile "$PWD/log" \
		--io-threads 3 --io-threads-do-reads yes --jemalloc-bg-thread yes &
	local server=$!
	trap 'redis-cli -s s shutdown nosave 2>/dev/null' EXIT
	wait_for 20 redis-cli -s s ping || return 1
	commands | redis-cli -s s | grep -c OK
	wait_for 20 test -s dump.rdb || return 1
	redis-cli -s s shutdown nosave
	wait $server
}
fifty scenario
[ "$(checked redis-server)" -ge $runs ] || fail "only $(checked redis-server) processes were checked"
none_lost
