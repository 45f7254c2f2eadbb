#!/bin/bash
# sqlite3: a database file built, indexed, queried, vacuumed.
. "$(dirname "$0")/../lib.sh"
need sqlite3
program sqlite3 sqlite3 --version

scenario() {
	sqlite3 -batch t.db <<-'END'
		create table t(a integer primary key, b text);
		with recursive n(x) as (select 1 union all select x+1 from n where x < 20000)
			insert into t select x, hex(x * 7919) from n;
		create index i on t(b);
		select count(*), sum(length(b)), max(b) from t;
		select * from t where b like '33%' order by b limit 5;
		delete from t where a % 3 = 0; vacuum; pragma integrity_check;
		select json_group_array(a) from (select a from t limit 5);
	END
}
same scenario
