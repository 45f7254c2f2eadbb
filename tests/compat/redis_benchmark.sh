#!/bin/bash
# redis-server on jemalloc under redis-benchmark: pipelines, many clients, saves by fork, a rewritten log, memory given back.
# timeout: 300
. "$(dirname "$0")/../lib.sh"
need redis-server redis-cli redis-benchmark
program redis-server redis-server --version

port=$(unused_port)
requests=$(by_length 20000 3000000)
scenario() {
	redis-server --port "$port" --bind 127.0.0.1 --dir "$PWD" --dbfilename dump.volatile --appendonly yes \
		--appenddirname aof.volatile --appendfsync no --save '' --logfile "$PWD/log.volatile" --io-threads 2 &
	local server=$! cli=(redis-cli -p "$port")
	wait_for 20 "${cli[@]}" ping || return 1
	# Names of the tests; the rates are this machine's. It does not end when its server has.
	timeout "$(by_length 60 1500)" redis-benchmark -p "$port" -n "$requests" -c 30 -P 16 -r 1000 -d 100 --threads 2 --csv \
		-t set,get,incr,lpush,rpop,sadd,hset,zadd,mset | cut -d, -f 1
	"${cli[@]}" ping || return 1
	"${cli[@]}" info commandstats | sed -n 's/^cmdstat_\(set\|get\|incr\|lpush\|rpop\|sadd\|hset\|zadd\|mset\):calls=\([0-9]*\),.*rejected_calls=\([0-9]*\),failed_calls=\([0-9]*\).*/\1 \2 \3 \4/p' | sort
	"${cli[@]}" bgsave && wait_for 60 test -s dump.volatile
	wait_for 60 eval '! redis-cli -p '"$port"' info persistence | grep -q in_progress:1'
	"${cli[@]}" bgrewriteaof
	wait_for 60 eval 'redis-cli -p '"$port"' info persistence | grep -q "aof_rewrite_in_progress:0"'
	"${cli[@]}" info memory | tr -d '\r' | grep mem_allocator: | cut -d- -f 1
	"${cli[@]}" memory purge && "${cli[@]}" flushall && "${cli[@]}" dbsize
	"${cli[@]}" shutdown nosave
	wait $server
}
RECORDED="redis-check-rdb redis-benchmark"
same scenario
