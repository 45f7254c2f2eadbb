#!/bin/bash
# Where the process cannot be forked, or its image is in memory only, it is scanned itself.
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/cases/parts/asked.inc
. "$(dirname "$0")/parts/asked.inc"

# No more processes: a limit that counts for users other than root.
if [ "$(id -u)" = 0 ] && type setpriv >/dev/null 2>&1; then
	chmod 777 "$work" "$work/run" "$work/images"
	under=(setpriv --reuid=65534 --regid=65534 --clear-groups bash -c 'ulimit -u 0; exec "$0" "$@"')
	OPTIONS='' begin alone
	"$leak" snap -q -o snap.leak "$pid" >out 2>err || fail "leak snap failed: $(cat err)"
	expect_eq "complaints without a fork" '' "$(cat err)"
	expect_eq "classes without a fork" "$wanted" "$(classes snap.leak)"
	expect_eq "pause and scan" true "$(field '.processes[0].check | .pause_us == .scan_us')"
	finish
	under=()
	rm -f "$work/images/"*
fi

# In memory, nobody can ask; at the end the process itself is scanned.
mkdir readonly
OPTIONS="output=$work/run/readonly/no/such/x.leak:file=0:signal=USR2" begin alone
kill -USR2 "$pid"
sleep 0.3
finish
