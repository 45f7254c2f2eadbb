#!/bin/bash
# python3 with PYTHONMALLOC=malloc: every object is an event.
. "$(dirname "$0")/../lib.sh"
need python3
program python3 python3 --version

scenario() {
	PYTHONMALLOC=malloc PYTHONHASHSEED=0 python3 -c '
import json, re, sys, sqlite3, collections
data = {str(i): list(range(i % 50)) for i in range(500)}
print(len(json.dumps(json.loads(json.dumps(data)), sort_keys=True)))
print(collections.Counter(re.findall(r"\d", json.dumps(data))).most_common(3))
db = sqlite3.connect(":memory:"); db.execute("create table t(a)")
db.executemany("insert into t values(?)", [(i,) for i in range(1000)])
print(db.execute("select sum(a) from t").fetchone())
try: {}["x"]
except KeyError as e: print("caught", e)
sys.exit(4)'
}
STATUS=4
same scenario
