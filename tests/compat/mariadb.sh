#!/bin/bash
# mariadbd: a new data directory, tables, transactions of several clients, a dump, shutdown.
# timeout: 300
. "$(dirname "$0")/../lib.sh"
PATH=$PATH:/usr/sbin
need mariadbd mariadb-install-db mariadb mariadb-slap
program mariadbd mariadbd --version

queries=$(by_length 400 100000)
scenario() {
	"${as_nobody[@]}" env HOME="$PWD" QUERIES="$queries" bash -c '
		mkdir tmp.volatile
		mariadb-install-db --no-defaults --datadir="$PWD/data.volatile" --auth-root-authentication-method=normal \
			--skip-test-db --tmpdir="$PWD/tmp.volatile" >install.volatile 2>&1 || { tail -3 install.volatile; exit 1; }
		mariadbd --no-defaults --datadir="$PWD/data.volatile" --socket="$PWD/sock" --skip-networking \
			--tmpdir="$PWD/tmp.volatile" --innodb-flush-log-at-trx-commit=0 --log-error="$PWD/log.volatile" \
			--pid-file="$PWD/pid.volatile" --innodb-buffer-pool-size=32M --max-connections=40 --table-open-cache=200 &
		server=$!
		client=(mariadb --no-defaults --socket="$PWD/sock" -u root)
		for i in $(seq 300); do "${client[@]}" -e "select 1" >/dev/null 2>&1 && break; sleep 0.1; done
		"${client[@]}" -e "create database d; create table d.t (id int primary key, v varchar(200), key (v)) engine=innodb;
			insert into d.t select seq, concat(repeat(\"x\", seq % 50), seq) from d.t right join seq_1_to_5000 on 0;
			select count(*), max(length(v)) from d.t; start transaction; update d.t set v = concat(v, \"y\") where id % 3 = 0;
			rollback; delete from d.t where id % 7 = 0; select count(*), sum(crc32(v)) from d.t"
		mariadb-slap --no-defaults --socket="$PWD/sock" -u root --concurrency=4 --number-of-queries="$QUERIES" \
			--auto-generate-sql --auto-generate-sql-load-type=mixed | grep clients
		"${client[@]}" -e "select nosuch from d.t"
		mariadb-dump --no-defaults --socket="$PWD/sock" -u root --skip-comments d | sha256sum
		mariadb-admin --no-defaults --socket="$PWD/sock" -u root shutdown
		wait $server'
}
RECORDED=mariadbd
SHARED=1
same scenario
