#!/bin/bash
# sqlite3: a database built, indexed, queried with json, dates, regular work of its virtual machine.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/verify.inc"
need sqlite3

scenario() {
	sqlite3 -batch t.db <<-'END'
		create table t(a integer primary key, b text);
		with recursive n(x) as (select 1 union all select x+1 from n where x < 20000)
			insert into t select x, hex(x * 7919) from n;
		create index i on t(b);
		select count(*), sum(length(b)), max(b) from t;
		select count(json_extract(json_object('a', b, 'c', a), '$.a')) from t;
		select sum(length(strftime('%Y-%m-%d', a * 86400, 'unixepoch') || upper(b) || replace(b, '3', '!'))) from t;
		select group_concat(a) from (select a from t where b like '33%' order by b limit 500);
		delete from t where a % 3 = 0; vacuum; pragma integrity_check;
	END
}
verify_same 'events>=50000' scenario
