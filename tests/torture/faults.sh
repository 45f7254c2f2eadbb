#!/bin/bash
# Each single request of the recorder for memory or storage fails, then all from each one on, its tables being as
# small as they can be at first: the program never notices, and what is missing in an image is counted there.
# timeout: 900
. "$(dirname "$0")/model.inc"
need make
make -s -C "$root" FAULTS=1 build/faults/libleak.so >make.log 2>&1 || fail "$(tail make.log)"
export LEAK_FAULT LEAK_FAULT_FIRED=$PWD/fired
counts=()

# Until a run has fewer requests than N.
for more in '' +; do
	for ((n = 1; ; n++)); do
		rm -f fired model.leak*
		LEAK_FAULT=$n$more timeout 120 "$harness" "$root/build/faults/libleak.so" ./model workers=3 lives=6 \
			steps="${FAULTS_STEPS:-1000}" forks=3 plugins=6 signals=200 faulty=1 \
			seed="${LEAK_TORTURE_SEED:-5}" >found 2>errors ||
			fail "request $n$more: status $?: $(tail -n 3 found errors)"
		# The recorder says where it records instead; nothing else is on stderr.
		grep -v '^libleak: cannot create .*; recording ' errors && fail "request $n$more: $(head -n 3 errors)"
		[ -e fired ] || break
		[ ! -e model.leak ] || run_leak report --format=json model.leak >report.json 2>report.err ||
			fail "request $n$more: leak report: $(head -n 3 report.err)"
		sed -n 's/^counted: \(not_started\|no image\).*/\1/p; s/^lost \([a-z_]*\).*/\1/p' found >>all
	done
	counts+=($((n - 1)))
done
[ "${counts[0]}" -ge 30 ] && [ "${counts[1]}" -ge 30 ] || fail "only ${counts[*]} requests"
grep -q '^no image' all || fail 'the first requests do not fail'
grep -q '^dropped_events' all || fail 'no event was dropped'
grep -q '^not_started' all || fail 'no image says that nothing is recorded'
echo "counted: ${counts[0]} requests failed one by one, ${counts[1]} all from one on: $(sort all | uniq -c | awk '{ printf "%s%s runs with %s", (NR > 1 ? ", " : ""), $1, $2 ($3 ? " " $3 : "") }')"
