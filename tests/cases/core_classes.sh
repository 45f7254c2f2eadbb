#!/bin/bash
# What is lost by a core is what is lost at the exit of the same program, unless some of the core is missing.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/core.inc"

need gcc jq
gcc -g -O0 -w -o p "$tests/cases/parts/in_every_class.c" -lpthread || fail "cannot compile"

# classes: the program's own blocks by class and function, of $work/report.json.
classes() {
	field '[.sites[] | select(.kind == "heap" and .class != "suppressed") | . + {own: (.frames | map(select(.own)))}
		| select(.own != [] and .own[0].function != "main")] | group_by([.class, .own[0].function])
		| map("\(.[0].class) \(.[0].own[0].function) \(map(.bytes) | add)/\(map(.blocks) | add)") | join("\n")'
}
# report FILE: of which leak knows all.
report() {
	run_leak report --json "$1" >"$work/report.json" 2>"$work/report.err" || fail "leak report failed: $(cat "$work/report.err")"
}
check() {
	field '.processes[0].check | "\(.trigger) \(.unsure) \(.unreadable_bytes) \(.failure)"'
}

# same_as_at_exit CORE WHAT
same_as_at_exit() {
	report "$1"
	expect_eq "classes $2" "$at_exit" "$(classes)"
	expect_eq "the check $2" "core false 0 null" "$(check)"
}

preloaded ./p exit
report "$(images)"
at_exit=$(classes)
expect_eq "classes at exit" "definite lose 300548/12
definite short_lived 1320/40
indirect lose 648/11
possible keep 88/1
reachable ignore 90/1
reachable keep 379/4
reachable long_lived 333/2" "$at_exit"
expect_eq "the check at exit" "end false 0 null" "$(check)"

# A pointer in what the kernel made one mapping with the recorder's data.
gcc -g -O0 -w -o beside "$tests/cases/parts/next_to_library.c" || fail "cannot compile"
crash env LD_PRELOAD="$lib" LEAK_OPTIONS="output=$work/images/beside.leak" "$PWD/beside" libleak.so
report "$core"
expect_eq "class of what is kept beside the recorder's data" "reachable" "$(field '.sites[] | select(.bytes == 99).class')"

for how in abort crash; do
	crash env LD_PRELOAD="$lib" LEAK_OPTIONS="output=$work/images/$how.leak" "$PWD/p" $how
	same_as_at_exit "$core" "after $how"
	expect_eq "what is lost through what after $how" "lose 648/11" \
		"$(field '[.sites[] | .loses // [] | .[]] | "lose \(map(.bytes) | add)/\(map(.blocks) | add)"')"
done

# The core of the crash, with less and less in it.
if (by_kernel) >/dev/null; then
	size=$(stat -c %s "$core")
	cp "$core" whole
	# The last page is the kernel's.
	head -c $((size - 4096)) whole >"$core"
	same_as_at_exit "$core" "without the last page"
	for percent in 99 90 70 40; do
		head -c $((size * percent / 100)) whole >"$core"
		report "$core"
		expect_eq "lost in $percent percent of a core" "" \
			"$(field '[.sites[].class] | unique | map(select(. == "definite" or . == "indirect")) | join(" ")')"
		expect_eq "the check of $percent percent of a core" "core true null" \
			"$(field '.processes[0].check | "\(.trigger) \(.unsure) \(.failure)"')"
		expect_eq "not classified in $percent percent of a core" "true" \
			"$(field '.processes[0].classes | .unknown.blocks >= 63 and .reachable.blocks + .possible.blocks <= 12')"
	done
	run_leak report "$core" >"$work/report.txt" 2>/dev/null || fail "status $?"
	in_text '^VERDICT .* blocks not classified' '^the core is truncated: ' \
		'^note: \[[0-9]+\] .*iB of memory that may have held pointers are not in the core: what nothing seems to point at is not classified'
	rm whole

	# The tables are in the file only, and nothing came after.
	crash env LD_PRELOAD="$lib" LEAK_OPTIONS="output=$work/images/file.leak:core=0" "$PWD/p" crash
	same_as_at_exit "$core" "with the tables from the file"

	# Without anonymous memory.
	crash bash -c 'echo 0x30 >/proc/self/coredump_filter; exec "$@"' - \
		env LD_PRELOAD="$lib" LEAK_OPTIONS="output=$work/images/filtered.leak" "$PWD/p" crash
	report "$core"
	expect_eq "lost in a core without ordinary memory" "0 0 true" \
		"$(field '.processes[0] | "\(.classes.definite.blocks) \(.classes.indirect.blocks) \(.check.unsure)"')"
fi

# Of a process that lives on, which is asked which of its blocks are lost: the core is later.
type gcore >/dev/null 2>&1 || exit 0
mkfifo orders answers
begin() { # OPTIONS
	env LD_PRELOAD="$lib" LEAK_OPTIONS="output=$work/images/lives.leak$1" ./p wait <orders >answers &
	pid=$!
	exec 8>orders 9<answers
	trap 'kill -9 $pid 2>/dev/null; cleanup' EXIT
	read -r _ <&9
}
take_core() {
	gcore -o "$work/core" $pid >"$work/gdb.out" 2>&1 || skip "gcore cannot look at a process here: $(tail -n 1 "$work/gdb.out")"
	core=$work/core.$pid
}
begin :signal=USR2
take_core
same_as_at_exit "$core" "by gcore"
kill -USR2 $pid
echo >&8
read -r _ <&9
take_core
report "$core"
expect_eq "classes of the later core" "$(printf '%s\n' "$at_exit" 'definite lose_more 66/1' | sort)" "$(classes | sort)"
expect_eq "the check of the later core" "core false 0 null" "$(check)"
kill -9 $pid
wait 2>/dev/null
exec 8>&- 9<&-

# The tables are in the file only, and may be of a later moment.
if [ "$(cat /proc/self/coredump_filter)" = 00000033 ]; then
	begin :core=0
	take_core
	kill -9 $pid
	wait 2>/dev/null
	report "$core"
	expect_eq "the check of a core without tables" "false true" \
		"$(field '.processes[0].check | "\(.done) \(.failure | test("may be of a later moment"))"')"
	expect_eq "lost by a core without tables" 0 "$(field '.processes[0].classes.definite.blocks')"
fi
exit 0
