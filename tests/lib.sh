# Common part of the shell tests: `. "$(dirname "$0")/../lib.sh"` first. See tests/README.md.
# Gives every test a temporary directory of its own as working directory ($work), removed at the end.
# shellcheck shell=bash
set -u
tests=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=${tests%/*}
build=$root/${B:-build}
lib=$build/libleak.so
leak=$build/leak
. "$tests/machine.inc"
script=$(realpath "$0")
unset LEAK_OPTIONS LSAN_OPTIONS NO_COLOR
export LC_ALL=C TZ=UTC HOME=/nonexistent DEBUGINFOD_URLS=
work=$(mktemp -d "${TMPDIR:-/tmp}/leak-test.XXXXXX") || exit 1
cleanup() {
	if [ -n "${LEAK_TEST_KEEP-}" ]; then echo "kept: $work" >&2; else rm -rf "$work"; fi
}
trap cleanup EXIT
mkdir "$work/images" "$work/run"
cd "$work/run" || exit 1

fail() {
	echo "$*"
	exit 1
}

skip() {
	echo "$*"
	exit 77
}

# Skips unless every command is there.
need() {
	local command
	for command; do
		type "$command" >/dev/null 2>&1 || skip "no $command here"
	done
}

# Prints the path of a shared library of this system, or skips.
need_lib() {
	local path
	for path in "${library_places[@]/%//$1}"; do
		[ -e "$path" ] && echo "$path" && return
	done
	echo "no $1 here" >&2
	return 1
}

expect_eq() { # WHAT EXPECTED ACTUAL
	[ "$2" = "$3" ] || fail "$1: expected '$2', got '$3'"
}

# copy_sources: what make needs for both programs and their unit tests, into this directory.
copy_sources() {
	mkdir tests && cp -r "$root/Makefile" "$root/preload" "$root/analyzer" . && cp -r "$tests/unit" "$tests/fuzz" tests/ ||
		fail "cannot copy the sources"
}

# preloaded COMMAND…: runs it under the recorder; images go to $work/images.
preloaded() {
	"${run_with[@]}" LD_PRELOAD="$lib${PRELOAD_MORE:+:$PRELOAD_MORE}" \
		LEAK_OPTIONS="output=$work/images/leak.%e.%p.leak${OPTIONS:+:$OPTIONS}" "$@"
}

# run_leak ARGUMENTS…: the analyzer; exit status 23 (leaks over the gate) is fine, too.
run_leak() {
	"$leak" "$@"
	local status=$?
	[ $status = 0 ] || [ $status = 23 ]
}

images() {
	find "$work/images" -type f -size +0 | sort -V
}

# report: the JSON report of every image of this test, into $work/report.json.
report() {
	local list
	mapfile -t list < <(images)
	[ ${#list[@]} -gt 0 ] || fail "no image was left in $work/images"
	run_leak report --format=json "${report_options[@]}" "${list[@]}" >"$work/report.json" 2>"$work/report.err" ||
		fail "leak report failed: $(head -n 5 "$work/report.err")"
	jq -e '.schema == "leak-report/1"' "$work/report.json" >/dev/null ||
		fail "not a leak-report/1: $(head -c 300 "$work/report.json")"
	local count
	count=$(jq '.processes | length' "$work/report.json")
	expect_eq "processes in the report of ${#list[@]} images" ${#list[@]} "$count"
}

# field FILTER: one value of the report.
field() {
	jq -r "$1" "$work/report.json"
}

# classes_add_up: in every process of the report that was checked, the classes are all that is live.
classes_add_up() {
	local wrong
	wrong=$(field '.processes[] | select(.check)
		| {pid, args, live} + {sum: ([.classes[]] | {bytes: map(.bytes) | add, blocks: map(.blocks) | add})}
		| select(.live != .sum) | "\(.args) [\(.pid)]: \(.sum) of \(.live)"')
	[ -z "$wrong" ] || fail "the classes are not all that is live: $wrong"
}

# by_length SHORT LONG: the first, or with LONG=1, which is for minutes of load, the second.
by_length() {
	if [ "${LONG-}" = 1 ]; then echo "$2"; else echo "$1"; fi
}

# program NAME COMMAND…: which program the test is about; COMMAND prints its version somewhere in the first
# lines. Both are for the table of tests/compat/run, without which nothing is asked.
program_name='' program_version=''
program() {
	[ -n "${LEAK_COMPAT_ROWS-}" ] || return 0
	program_name=$1
	shift
	program_version=$("$@" 2>&1 </dev/null | head -20 | grep -oEm1 '[0-9]+(\.[0-9a-z]+)+' | head -1)
}

# run_processes: ids of processes that a scenario started and that are still there, wherever they have
# gone: they have its mark in their environment, or its directory as their own. To be called from
# elsewhere. A zombie has neither.
run_processes() {
	{
		grep -lsaz "^LEAK_TEST_RUN=$work$" /proc/[0-9]*/environ
		find /proc/[0-9]*/cwd -maxdepth 0 \( -lname "$work/run" -o -lname "$work/run/*" \) 2>/dev/null
	} | cut -d / -f 3 | sort -nu
}

nobody_left() {
	[ -z "$(run_processes)" ]
}

# expect_nobody_left HOW: every process of the scenario has ended, or does so by itself within seconds.
expect_nobody_left() {
	cd "$work" || exit 1
	wait_for 10 nobody_left && return
	local pid left=''
	for pid in $(run_processes); do
		left+=" [$pid] $(tr '\0' ' ' <"/proc/$pid/cmdline")"
	done
	fail "processes are left over, $1:$left"
}

end_run_processes() {
	local pids
	cd "$work" || return
	mapfile -t pids < <(run_processes)
	[ ${#pids[@]} = 0 ] || kill -9 "${pids[@]}" 2>/dev/null
}

# run_scenario HOW FUNCTION…: one run, bare or preloaded, in an empty $work/run. Leaves HOW.out with the
# status, HOW.err, HOW.files and HOW.micros.
run_scenario() {
	local how=$1 start
	shift
	cd "$work" && rm -rf "$work/run" && mkdir "$work/run" && cd "$work/run" || exit 1
	if [ -n "${SHARED-}" ]; then chmod 777 "$work/run"; fi
	start=$EPOCHREALTIME
	(
		export LEAK_TEST_RUN=$work
		if [ "$how" = preloaded ]; then
			export LD_PRELOAD=${PRELOAD_BEFORE:+$PRELOAD_BEFORE:}$lib${PRELOAD_MORE:+:$PRELOAD_MORE}
			export LEAK_OPTIONS=output=$work/images/leak.%e.%p.leak
		elif [ -n "${PRELOAD_BEFORE-}${PRELOAD_MORE-}" ]; then
			export LD_PRELOAD=${PRELOAD_BEFORE-}:${PRELOAD_MORE-}
		fi
		"$@"
	) >"$work/$how.out" 2>"$work/$how.err" </dev/null
	echo "status $?" >>"$work/$how.out"
	echo $((${EPOCHREALTIME/./} - ${start/./})) >"$work/$how.micros"
	(find . -type f ! -name '*.volatile' ! -path '*.volatile/*' -print0 | sort -z | xargs -0r sha256sum) >"$work/$how.files"
}

# nothing_dropped: no process of the report says that it could not record something, or not keep it.
nothing_dropped() {
	local wrong
	wrong=$(field '.processes[] | .not_recorded as $lost
		| ["dropped_events", "dropped_regions", "dropped_modules", "truncated_image_bytes", "failed_checks",
			"unreadable_sites"][]
		| select($lost[.] != 0) as $what | "\($what): \($lost[$what])"' | sort | uniq -c)
	[ -z "$wrong" ] || fail "not recorded: $wrong"
}

# same FUNCTION ARGUMENTS…: runs FUNCTION bare and under the recorder, each time in an empty $work/run, and
# demands the same stdout, stderr, exit status and files, and that no process is left over; then reads every
# image it left: all of them, and nothing was dropped. Settings: STATUS, how the scenario ends; SHARED=1,
# other users may write there; PRELOAD_BEFORE, PRELOAD_MORE, what else is preloaded in both runs;
# RECORDED, programs of which there must be an image; CHECK, a command that has more to say about the report.
same() {
	local how
	rm -rf "$work/images" && mkdir "$work/images"
	if [ -n "${SHARED-}" ]; then chmod 777 "$work/images" && chmod 755 "$work"; fi
	trap 'end_run_processes; cleanup' EXIT
	for how in bare preloaded; do
		run_scenario $how "$@"
		expect_nobody_left $how
		if [ $how = bare ]; then
			tail -1 "$work/bare.out" | grep -qx "status ${STATUS:-0}" ||
				fail "the bare run fails: $(tail -n 5 "$work/bare.out" "$work/bare.err")"
		fi
	done
	cd "$work" || exit 1
	local part
	for part in out err files; do
		cmp -s "bare.$part" "preloaded.$part" ||
			fail "$part differs under the recorder: $(diff -a "bare.$part" "preloaded.$part" | head -20)"
	done
	report
	classes_add_up
	nothing_dropped
	for part in ${RECORDED-}; do
		field '.processes[].exe' | grep -q "/$part$" || fail "there is no image of $part"
	done
	[ -z "${CHECK-}" ] || "$CHECK"
	echo "$(images | wc -l) images, $(field '[.processes[].totals.allocs] | add') allocations"
	[ -z "${LEAK_COMPAT_ROWS-}" ] || row "$@"
}

# title SCRIPT PROGRAM: what the script's second line says, without the program's name.
title() {
	sed -n "2{s/^# //;s/^$2[:, ] *//;s/\.$//;p}" "$1"
}

# row FUNCTION ARGUMENTS…: a line for the table of tests/compat/run. What is special in this scenario are its
# arguments, of which a long list is told by its first ones.
row() {
	local special
	shift
	special=$*
	[ $# -le 40 ] || special="${*:1:10} and $(($# - 10)) more"
	printf '%s|%s|%s|%s|%s|%s|%s|%s\n' "${script##*/}" "$program_name" "$program_version" \
		"$(title "$script" "$program_name")${special:+ ($special)}" \
		"$(cat "$work/bare.micros")" "$(cat "$work/preloaded.micros")" "$(images | wc -l)" \
		"$(field '[.processes[].totals.allocs] | add')" >>"$LEAK_COMPAT_ROWS"
}

# as_nobody: what stands before a command to run it as a user without rights, where that can be.
as_nobody=()
# shellcheck disable=SC2034 # for those who source this
[ "$(id -u)" != 0 ] || as_nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)

# made_on: the day and what a table in tests/README.md was made on.
made_on() {
	echo "$(date -u +%F); kernel $(uname -r | cut -d- -f 1), $(getconf GNU_LIBC_VERSION), libleak $(git -C "$root" \
		describe --always --dirty 2>/dev/null)"
}

# put_table NAME FILE: what FILE has, into tests/README.md, between the comments NAME and `end of NAME`.
put_table() {
	awk -v name="$1" -v table="$2" '$0 == "<!-- end of " name " -->" { skip = 0 }
		!skip { print }
		$0 == "<!-- " name " -->" { skip = 1; while ((getline line <table) > 0) print line }' \
		"$tests/README.md" >"$work/readme" && cat "$work/readme" >"$tests/README.md"
}

# unused_port: a loopback port that nobody listens on now.
unused_port() {
	local port
	while :; do
		port=$((20000 + RANDOM % 20000))
		(exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
	done
	echo "$port"
}

# wait_for SECONDS COMMAND…: until COMMAND succeeds.
wait_for() {
	local end=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.05
	done
}
