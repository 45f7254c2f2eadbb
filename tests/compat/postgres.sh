#!/bin/bash
# postgres: initdb, pgbench with clients, parallel and compiled queries, VACUUM, a backend killed, recovery, dump, stop.
# timeout: 300
. "$(dirname "$0")/../lib.sh"
PATH=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -1):$PATH
need initdb pgbench pg_ctl
program postgres postgres --version

port=$(unused_port)
transactions=$(by_length 300 20000)
# It does not run as root.
scenario() {
	"${as_nobody[@]}" env HOME="$PWD" PGPORT="$port" PGHOST="$PWD" PGUSER=tester TRANSACTIONS="$transactions" bash -c '
		trap "pg_ctl -D data.volatile stop -m immediate >/dev/null 2>&1" EXIT
		initdb -D data.volatile -U tester -A trust -E UTF8 --locale=C --no-sync | grep -v "selecting\|pg_ctl" || exit 1
		pg_ctl -D data.volatile -w -l log.volatile -o "-p $PGPORT -k $PWD -c listen_addresses= -c fsync=off" start || exit 1
		createdb bench && pgbench -i -s 2 -q bench 2>&1 | grep -v done
		pgbench -n -c 4 -j 2 -t "$TRANSACTIONS" --random-seed=7 bench 2>&1 | grep "processed\|failed"
		pgbench -n -c 1 -S -M prepared -t "$TRANSACTIONS" --random-seed=7 bench 2>&1 | grep "processed\|failed"
		psql -XAt bench -c "select count(*) from pgbench_history" -c "vacuum analyze" \
			-c "select (select sum(abalance) from pgbench_accounts) = (select sum(delta) from pgbench_history)"
		psql -XAt bench -c "set jit_above_cost = 0" -c "set jit_inline_above_cost = 0" -c "set jit_optimize_above_cost = 0" \
			-c "explain (analyze, timing off) select sum(aid + 1) from pgbench_accounts" | grep "JIT\|Functions:\|Options:"
		psql -XAt bench -c "set jit_above_cost = 0" -c "set jit_inline_above_cost = 0" -c "set jit_optimize_above_cost = 0" \
			-c "select sum(a.aid * 2 % 17), count(distinct bid) from pgbench_accounts a where aid % 3 = 1"
		psql -XAt bench -c "set parallel_setup_cost = 0" -c "set parallel_tuple_cost = 0" \
			-c "set min_parallel_table_scan_size = 0" -c "set max_parallel_workers_per_gather = 2" \
			-c "select bid, count(*), max(aid) from pgbench_accounts group by bid order by bid"
		psql -XAt bench -c "create index on pgbench_accounts (abalance, aid)" -c "select 1/0"
		psql -XAt bench -c "select pg_terminate_backend(pg_backend_pid())" 2>&1 | head -1
		psql -XAtq bench -c "select pg_backend_pid()" -c "select pg_sleep(60)" >backend.volatile 2>&1 &
		for i in $(seq 200); do grep -qs "^[0-9]" backend.volatile && break; sleep 0.05; done
		sleep 0.5 # it sleeps by now
		kill -9 $(head -1 backend.volatile)
		wait $!
		tail -n +2 backend.volatile
		for i in $(seq 200); do pg_isready -q && break; sleep 0.1; done
		psql -XAt bench -c "select count(*) from pgbench_history"
		pg_dump -t pgbench_branches -s bench | grep -c .
		pg_ctl -D data.volatile -w stop -m fast && echo stopped'
}
RECORDED="postgres pgbench"
SHARED=1
same scenario
