#!/bin/bash
# sqlite3 in memory.
. "$(dirname "$0")/valgrind.inc"
need sqlite3

oracle sqlite3 -batch :memory: 'create table t(a,b); with recursive n(x) as (select 1 union all select x+1 from n where x<3000) insert into t select x, hex(x) from n; create index i on t(b); select count(*), max(b) from t'
