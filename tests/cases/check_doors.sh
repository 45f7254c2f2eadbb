#!/bin/bash
# The classes of one program's blocks are the same at its end, from `leak snap`, and from its core.
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/cases/parts/asked.inc
. "$(dirname "$0")/parts/asked.inc"
need gcore

begin threads
"$leak" snap -q -o snap.leak "$pid" >out 2>err || fail "leak snap failed: $(cat err)"
expect_eq "from leak snap" "$wanted" "$(classes snap.leak)"
gcore -o core "$pid" >out 2>&1 || skip "gcore cannot trace here: $(tail -1 out)"
# The core is from after the snapshot; its own memory tells, not the check that is in its tables.
expect_eq "from the core" "$wanted" "$(classes "core.$pid")"
expect_eq "the core's check" 'core null' "$(field '.processes[0].check | "\(.trigger) \(.failure)"')"
finish
expect_eq "at the end" "$wanted" "$(classes "$(images)")"
