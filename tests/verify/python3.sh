#!/bin/bash
# python3, every object an event: frames of the interpreter, ctypes callbacks, sqlite3, threads, zlib, re.
# timeout: 170
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/verify.inc"
need python3

# The interpreter itself, past a wrapper that would be verified, too.
python=$(python3 -c 'import sys; print(sys.executable)') || skip "python3 does not run"
scenario() {
	PYTHONMALLOC=malloc PYTHONHASHSEED=0 "$python" -c '
import collections, ctypes, decimal, hashlib, json, re, sqlite3, threading, zlib
data = {str(i): list(range(i % 50)) for i in range(500)}
print(len(json.dumps(json.loads(json.dumps(data)), sort_keys=True)))
print(collections.Counter(re.findall(r"\d", json.dumps(data))).most_common(3))
db = sqlite3.connect(":memory:"); db.execute("create table t(a)")
db.executemany("insert into t values(?)", [(i,) for i in range(1000)])
db.create_function("twice", 1, lambda x: [2 * x][0])
print(db.execute("select sum(twice(a)) from t").fetchone())
def down(n): return [n] if n == 0 else [n] + down(n - 1)
print(len(down(300)))
pair = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_int))
numbers = (ctypes.c_int * 50)(*range(50, 0, -1))
ctypes.CDLL(None).qsort(numbers, 50, 4, pair(lambda a, b: [a[0] - b[0]][0]))
print(numbers[0], decimal.Decimal(2).sqrt(), hashlib.sha256(b"x").hexdigest()[:8], len(zlib.compress(b"y" * 9999)))
threads = [threading.Thread(target=lambda: sorted(range(2000), key=str)) for i in range(3)]
[t.start() for t in threads]; [t.join() for t in threads]
try: {}["x"]
except KeyError as e: print("caught", e)'
}
verify_same 'events>=200000' scenario
