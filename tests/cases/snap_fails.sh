#!/bin/bash
# `leak snap` that fails says why, leaves nothing behind, and replaces nothing.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/parts/server.inc"

# refused WHAT STATUS TEXT ARGUMENTS…: fails with STATUS and TEXT; no file comes or changes.
refused() {
	local what=$1 status=$2 text=$3 before
	shift 3
	before=$(find . -type f -newermt 0 -printf '%p %s %T@\n' | grep -v '^\./err ' | sort)
	"$leak" snap --no-check "$@" >/dev/null 2>err
	expect_eq "$what: status" "$status" $?
	grep -q "^leak: $text" err || fail "$what: said $(cat err)"
	expect_eq "$what: lines" 1 "$(wc -l <err)"
	expect_eq "$what: files" "$before" "$(find . -type f -newermt 0 -printf '%p %s %T@\n' | grep -v '^\./err ' | sort)"
}

build_server
start_server
ask g
image=$(images)
echo precious >taken
refused "a name that is taken" 3 "taken: there is a file by that name" "$server" -o taken
ln -s nowhere dangling
refused "a dangling link" 3 "dangling: there is a file by that name" "$server" -o dangling
refused "no such directory" 3 "none/x: No such file or directory" "$server" -o none/x
refused "no operand" 2 "snap needs one process"
refused "two operands" 2 "snap needs one process" "$server" "$image"
refused "a label that is too long" 2 "--label takes at most 63 bytes" "$server" --label "$(printf '%064d' 0)"
refused "no such process" 3 "999999999: no such process" 999999999
refused "an unrecorded process" 3 "$$: this process is not being recorded" $$
refused "no image" 3 "taken: not a libleak image" taken
"$leak" snap --no-check "$server" -q -o first.leak >/dev/null || fail "leak snap failed"
refused "a snapshot of a snapshot" 3 "first.leak: is a snapshot itself" first.leak

# A limit on files, and a full disk, where one can be mounted.
(
	ulimit -f 20
	refused "a file that is too large" 3 \
		"leak.server.$server.snap1.leak: the snapshot could not be written: File too large" "$server"
) || exit 1
mkdir small
# shellcheck disable=SC2016
if unshare -m true 2>/dev/null; then
	unshare -m bash -c 'mount -t tmpfs -o size=20k none small || exit 5
		cd small || exit 5
		"$0" snap --no-check "$1"
		status=$?
		ls -A
		exit $status' "$leak" "$server" >out 2>err
	expect_eq "a full disk: status" 3 $?
	grep -q "^leak: leak.server.$server.snap1.leak: the snapshot could not be written: No space left" err ||
		fail "a full disk: said $(cat err)"
	expect_eq "a full disk: output and files" '' "$(cat out)"
fi

# Ended by a signal in the middle of the copy: nothing stays, either.
if type strace >/dev/null 2>&1; then
	for signal in INT TERM HUP; do
		strace -qq -o calls -e trace=pwrite64 -e inject=pwrite64:signal=$signal:when=2 \
			"$leak" snap --no-check "$server" -q -o killed.leak >out 2>err
		grep -q pwrite64 calls || continue # strace cannot trace here
		expect_eq "output after SIG$signal" '' "$(cat out)"
		expect_eq "files after SIG$signal" '' "$(find . -name 'killed*')"
	done
fi

# A stopped process hears nothing: that is said at once, and what there is, is kept.
kill -STOP "$server"
before=${EPOCHREALTIME/.}
"$leak" snap "$server" -q -o stopped.leak >out 2>err
expect_eq "a stopped process: status" 0 $?
[ $((${EPOCHREALTIME/.} - before)) -lt 2000000 ] || fail "it waited: $(cat err)"
grep -qx "leak: $server: it is stopped, so it could not be asked which blocks are lost: kill -CONT $server, and snap it again" err ||
	fail "a stopped process: said $(cat err)"
[ -s stopped.leak ] || fail "a stopped process: no snapshot"
kill -CONT "$server"

end_server
refused "a process that has ended" 3 "$image: the process has ended" "$image"
