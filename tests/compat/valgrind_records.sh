#!/bin/bash
# leak-valgrind has the same loss records as valgrind, of all kinds: of a C++ program and of real ones.
# timeout: 300
. "$(dirname "$0")/../lib.sh"
need valgrind g++

g++ -g -O1 -pthread -o records "$tests/compat/parts/records.cc" || fail "cannot compile"
echo '<a><b/></a>' >a.xml
echo '{"a":[1,2]}' >a.json

# records TOOL COMMAND…: "BYTES in BLOCKS are CLASS", sorted.
records() {
	"$1" -q --leak-check=full --show-leak-kinds=all --num-callers=50 --log-file=log "${@:2}" >/dev/null 2>&1 </dev/null
	sed -n 's/^==[0-9]*== \(.*\) in loss record.*/\1/p' log | sort
}

total=0
while read -ra command; do
	type "${command[0]}" >/dev/null 2>&1 || continue
	records valgrind "${command[@]}" >expected
	records "$build/leak-valgrind" "${command[@]}" >found
	diff expected found || fail "the records of ${command[*]} differ: valgrind (<), leak-valgrind (>)"
	total=$((total + $(wc -l <found)))
done <<'END'
./records
ls -l /
sort a.json
tar --version
jq . a.json
xmllint --format a.xml
sqlite3 :memory: .tables
openssl version
END
[ $total -gt 10 ] || fail "only $total records in all"
echo "counted: $total records"
