#!/bin/bash
# `leak top` on redis-server under load: the screen shows the site that grows; what it costs is measured.
# timeout: 300
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../cases/parts/tmux.inc"
need redis-server redis-cli redis-benchmark

port=$(unused_port)
env LD_PRELOAD="$lib" LEAK_OPTIONS="output=$work/images/leak.%e.%p.leak" redis-server --port "$port" \
	--bind 127.0.0.1 --dir "$work" --daemonize no --save '' --logfile "$work/log" &
server=$!
trap 'kill -9 $server 2>/dev/null; cleanup' EXIT
wait_for 30 redis-cli -p "$port" ping || fail "redis-server does not answer: $(tail -n 5 "$work/log")"

# ticks: of CPU time that the server has used so far.
ticks() {
	sed 's/.*) //' "/proc/$server/stat" | cut -d ' ' -f 12,13 | tr ' ' '+'
}

# load N: so many SETs of new keys; prints requests per second, and ticks of CPU time of the server.
load() {
	local before
	before=$(ticks)
	redis-benchmark -p "$port" -q -n "$1" -r 100000000000 -P 16 -t set --csv | tail -n 1 | cut -d '"' -f 4 | tr '\n' ' '
	echo $(($(ticks) - (before)))
}

# The keys come in by dbAdd; a redis-server that exports no names shows where it is in its file.
grows='dbAdd'
nm -D "$(readlink -f "$(type -P redis-server)")" 2>/dev/null | grep -q ' dbAdd$' || grows='redis-[a-z-]*+0x'

load 20000 >/dev/null
terminal 120x40 "$leak" top "$server" --interval 1s
wait_picture 'CALL SITE'
for _ in 1 2 3; do
	load 30000 >/dev/null
	sleep 0.5
done
wait_picture "+[0-9.,]* [KMG]iB .*$grows"
sed -n '/LIVE  *BLOCKS/,/^ *$/p' picture | sed '1d;$d' >rows
expect_eq "rows that grow and come behind rows that do not" 0 \
	"$(awk '{ grows = / \+[0-9.,]+ ([KMG]iB|B) / } still && grows { bad++ } !grows { still = 1 } END { print bad + 0 }' rows)"
head -n 3 rows | grep -q "+[0-9.,]* [KMG]iB .*$grows" || fail "the growing site is not at the top: $(cat picture)"
grep -q ' resident, .* anonymous; live is [0-9]*% of that' picture || fail "no resident memory: $(cat picture)"
tmux_do kill-server

# The throughput with and without it, by turns, when it has found its names. What comes out depends on
# the machine: no gate.
"$leak" top "$server" --interval 1s >tables 2>&1 &
top=$!
load 20000 >/dev/null
wait_for 30 grep -q 'CALL SITE' tables || fail "no table: $(cat tables)"
for round in 1 2 3 4 5 6 7; do
	order='STOP CONT'
	[ $((round % 2)) = 1 ] || order='CONT STOP'
	for signal in $order; do
		kill -"$signal" $top || fail "leak top ended by itself: $(tail -n 3 tables)"
		load 100000 >>"$signal"
	done
done
kill -CONT $top
kill $top
mv STOP without
mv CONT with
expect_eq "rounds" "7 7" "$(grep -c '^[0-9]' with) $(grep -c '^[0-9]' without)"
# requests FILE, processor FILE: the middle of the rounds, and from least to most.
requests() {
	cut -d ' ' -f 1 "$1" | sort -n | awk '{ v[NR] = $1 } END { printf "%.0f (%.0f to %.0f)", v[4], v[1], v[NR] }'
}
processor() {
	cut -d ' ' -f 2 "$1" | sort -n | awk -v hz="$(getconf CLK_TCK)" 'NR == 4 { printf "%.2f", $1 * 10 / hz }'
}
grep -q "$grows" tables || fail "no table under load: $(cat tables)"
keys=$(redis-cli -p "$port" dbsize)
TIMEFORMAT='%U %S'
one=$({ time "$leak" top "$server" --count 1 >/dev/null; } 2>&1)
eleven=$({ time "$leak" top "$server" --interval 100ms --count 11 >/dev/null; } 2>&1)
redis-cli -p "$port" shutdown nosave
wait $server
refresh=$(awk '{ printf "%.0f", ($3 + $4 - $1 - $2) * 100 }' <<<"$one $eleven")
echo "counted: requests/s $(requests without) without leak top, $(requests with) with it;" \
	"CPU of the server $(processor without) and $(processor with) us each; $refresh ms of CPU a refresh at $keys keys"
