#!/bin/bash
# `leak snap` of a redis-server with 1 GB of data: it answers meanwhile, stands still for as long as is
# printed, and is as before afterwards.
# timeout: 300
. "$(dirname "$0")/../lib.sh"
need redis-server redis-cli gcc jq

port=$(unused_port)
gcc -O1 -w -o pauses "$tests/compat/parts/pauses.c" || fail "cannot compile the client"
env LD_PRELOAD="$lib" LEAK_OPTIONS="output=$work/images/leak.%e.%p.leak" redis-server --port "$port" \
	--bind 127.0.0.1 --dir "$work" --daemonize no --save '' --logfile "$work/log" \
	--enable-debug-command yes &
server=$!
trap 'kill -9 $server 2>/dev/null; cleanup' EXIT
wait_for 30 redis-cli -p "$port" ping || fail "redis-server does not answer: $(tail -n 5 "$work/log")"
redis-cli -p "$port" debug populate 950000 key 1000 | grep -q OK || fail "no data"
used=$(redis-cli -p "$port" info memory | sed -n 's/^used_memory:\([0-9]*\).*/\1/p')
[ "$used" -gt 1000000000 ] || fail "only $used bytes of data"

# What of the process must be as it was.
traits() {
	grep -E '^(Threads|SigBlk|SigIgn|SigCgt|State)' "/proc/$server/status" | grep -v State
	readlink "/proc/$server/fd/"* | sed 's/socket:.*/socket/' | sort
	pgrep -P "$server" | wc -l
}

# The longest wait without a snapshot is what this machine adds by itself.
./pauses "$port" "$work/quiet" >quiet.out &
client=$!
sleep 3
touch "$work/quiet"
wait $client || fail "the client without a snapshot: status $?"
traits >before

# One snapshot with a client that asks all the time. True when what it waited at most is the pause that
# is printed; a busy machine may add something else.
snapshot() { # NUMBER
	./pauses "$port" "$work/done$1" >busy.out &
	client=$!
	sleep 1
	"$leak" snap -q -o snap.leak "$server" >out 2>err || fail "leak snap failed: $(cat err)"
	expect_eq "complaints of leak snap" '' "$(cat err)"
	touch "$work/done$1"
	wait $client || fail "the client with a snapshot: status $?"
	"$leak" report --json snap.leak >"$work/report.json" 2>err
	pause=$(field '.processes[0].check.pause_us / 1000')
	scan=$(field '.processes[0].check.scan_us / 1000')
	read -r answers longest second <busy.out
	read -r _ noise _ <quiet.out
	[ "$answers" -gt 100 ] || fail "only $answers answers"
	awk -v pause="$pause" -v longest="$longest" 'BEGIN { exit !(longest >= pause * 0.8) }' ||
		fail "the pause printed is $pause ms, a client waited $longest ms only"
	awk -v pause="$pause" -v longest="$longest" -v noise="$noise" \
		'BEGIN { exit !(longest <= pause * 1.2 + noise) }'
}
for number in 1 2 3 4; do
	[ $number -le 3 ] || fail "the pause printed is $pause ms, a client waited $longest ms, and without a snapshot $noise ms"
	rm -f snap.leak
	snapshot $number && break
done

# The classes are of all blocks, and none of the data is lost.
expect_eq "sum of the classes" "$(field '.processes[0].live.blocks')" \
	"$(field '[.processes[0].classes[].blocks] | add')"
expect_eq "definitely and indirectly lost" 0 \
	"$(field '.processes[0].classes | .definite.blocks + .indirect.blocks')"

# It is looked after within the next second.
sleep 2.5
redis-cli -p "$port" set some key >/dev/null
sleep 1.5
redis-cli -p "$port" set some key >/dev/null
traits >after
diff before after || fail "the process is not as before"
expect_eq "a value" 1000 "$(redis-cli -p "$port" strlen key:77)"
redis-cli -p "$port" shutdown nosave
wait $server
expect_eq "exit status" 0 $?
printf 'counted: %.0f MB in %s blocks; paused for %.0f ms, a client waited %.0f ms (second %.0f, without %.0f); scanned in %.0f ms beside\n' \
	"$((used / 1000000))" "$(field '.processes[0].live.blocks')" "$pause" "$longest" "$second" "$noise" "$scan"
