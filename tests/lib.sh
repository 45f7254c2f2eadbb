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

# same FUNCTION: runs FUNCTION bare and under the recorder, each time in an empty $work/run, and
# demands the same stdout, stderr, exit status and files; then reads every image it left.
same() {
	local how
	for how in bare preloaded; do
		rm -rf "$work/run" && mkdir "$work/run" && cd "$work/run" || exit 1
		(
			if [ $how = preloaded ]; then
				export LD_PRELOAD=$lib
				export LEAK_OPTIONS=output=$work/images/leak.%e.%p.leak
			fi
			"$@"
		) >"$work/$how.out" 2>"$work/$how.err" </dev/null
		echo "status $?" >>"$work/$how.out"
		(find . -type f ! -name '*.volatile' -print0 | sort -z | xargs -0r sha256sum) >"$work/$how.files"
		if [ "$how" = bare ]; then
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
	echo "$(images | wc -l) images, $(field '[.processes[].totals.allocs] | add') allocations"
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
