#!/bin/bash
# redis-server: start, load, save, read back, shut down.
# pitfall: P49
. "$(dirname "$0")/../lib.sh"
need redis-server redis-cli
program redis-server redis-server --version

port=$(unused_port)
scenario() {
	redis-server --port "$port" --bind 127.0.0.1 --dir "$PWD" --dbfilename dump.volatile --daemonize no \
		--save '' --logfile "$PWD/log.volatile" &
	local server=$! cli=(redis-cli -p "$port")
	wait_for 20 "${cli[@]}" ping || return 1
	for i in $(seq 1 2000); do printf 'SET key:%d %0*d\n' "$i" $((i % 200)) 7; done | "${cli[@]}" --pipe | tail -1
	for i in $(seq 1 200); do echo "LPUSH list $i"; done | "${cli[@]}" | tail -1
	"${cli[@]}" dbsize && "${cli[@]}" get key:33 && "${cli[@]}" llen list
	"${cli[@]}" bgsave && wait_for 20 test -s dump.volatile && "${cli[@]}" del list
	"${cli[@]}" eval 'local s = 0; for i = 1, 1000 do s = s + i end; return s' 0
	"${cli[@]}" shutdown nosave
	wait $server
}
same scenario
