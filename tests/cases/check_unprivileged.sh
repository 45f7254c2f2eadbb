#!/bin/bash
# The classes at the end and of a process that allocates all the time are found by a user without
# capabilities to whom ptrace is denied, and are the same as anybody's.
. "$(dirname "$0")/../lib.sh"
need gcc jq setpriv

gcc -g -O0 -pthread -I"$root" -o allocating "$tests/cases/parts/allocating.c" &&
	gcc -o confined "$tests/cases/parts/confined.c" || fail "cannot compile"
# Where another user can read them.
cp "$lib" "$leak" . || fail "cannot copy"
lib=$PWD/libleak.so
chmod 755 "$work" "$PWD" "$leak" "$lib"
chmod 777 "$work/images"

unprivileged=(./confined)
if [ "$(id -u)" = 0 ]; then
	unprivileged=(setpriv --reuid=65534 --regid=65534 --clear-groups --bounding-set=-all --inh-caps=-all
		--no-new-privs ./confined)
fi
"${unprivileged[@]}" true 2>err || skip "no such user or filter here: $(cat err)"

# own: the blocks that the program makes itself, but those that come and go, by class.
own() {
	jq -c '[.sites[] | select(.kind == "heap" and .frames[0].function != "churn"
			and (.frames[0].file // "" | endswith("/allocating.c")))
		| {class, function: .frames[0].function, bytes, blocks}] | sort_by(.class, .function)' "$work/report.json"
}

read_image() { # COMMAND…: it prints the report
	"$@" >"$work/report.json" 2>err || [ $? = 23 ] || fail "$* failed: $(cat err)"
	classes_add_up
	expect_eq "check that was done, threads that did not stop" "true 0" \
		"$(field '.processes[0].check | "\(.done) \(.unmet_threads)"')"
}

# run HOW COMMAND…: by this command in front; leaves HOW.end, HOW.own and HOW.snap1 to 3.
run() {
	local how=$1 process i
	shift
	"$@" env LD_PRELOAD="$lib" LEAK_OPTIONS="output=$work/images/leak.%e.%p.leak" ./allocating >"$how.out" 2>&1 &
	process=$!
	trap 'kill -9 $process 2>/dev/null; cleanup' EXIT
	wait_for 20 grep -q ready "$how.out" || fail "$how: it does not begin: $(cat "$how.out")"
	grep -E '^(Uid|CapPrm|CapEff|CapBnd|NoNewPrivs|Seccomp):' "/proc/$process/status" >"$how.status"
	for i in 1 2 3; do
		"$@" ./leak snap -q -o "$work/images/$how.$i.snap" "$process" >out 2>err || fail "$how: leak snap failed: $(cat err)"
		expect_eq "$how: complaints of leak snap" "" "$(cat err)"
	done
	kill -TERM $process
	wait $process
	expect_eq "$how: exit status" 0 $?
	trap cleanup EXIT
	for i in 1 2 3; do
		read_image "$@" ./leak report --json "$work/images/$how.$i.snap"
		own >"$how.snap$i"
		expect_eq "$how: threads that were stopped" true "$(field '.processes[0].check.threads >= 3')"
		expect_eq "$how: lost of what comes and goes" "" "$(field '.sites[] | select(.kind == "heap" and
			.frames[0].function == "churn" and (.class == "definite" or .class == "indirect"))')"
	done
	read_image "$@" ./leak report --json "$work/images/leak.allocating.$process.leak"
	own >"$how.own"
	field '.processes[0].classes' >"$how.end"
}

run with env
run without "${unprivileged[@]}"
expect_eq "what it may" "$(printf 'NoNewPrivs:\t1\nSeccomp:\t2')" "$(grep -E '^(NoNew|Seccomp:)' without.status)"
if [ "$(id -u)" = 0 ]; then
	expect_eq "its user and capabilities" \
		"$(printf 'Uid:\t65534\t65534\t65534\t65534\n'; printf 'Cap%s:\t0000000000000000\n' Prm Eff Bnd)" \
		"$(grep -E '^(Uid|Cap)' without.status)"
fi

cat >expected <<'END'
[{"class":"definite","function":"lose","bytes":2400,"blocks":50},{"class":"indirect","function":"lose","bytes":2800,"blocks":50},{"class":"possible","function":"keep_possibly","bytes":500,"blocks":1},{"class":"reachable","function":"keep","bytes":4000,"blocks":100}]
END
for file in with.snap? with.own without.snap? without.own; do
	diff expected "$file" || fail "$file is not as expected"
done
expect_eq "all at the end" "$(cat with.end)" "$(cat without.end)"
