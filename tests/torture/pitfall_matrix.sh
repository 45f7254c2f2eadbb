#!/bin/bash
# The matrix of what preloaded recorders break has a column for libleak that is ok from top to bottom; and it
# sees what is broken: the empty interposer hangs in one of its rows, and crashes in another.
# timeout: 600
. "$(dirname "$0")/../lib.sh"
need gcc jq

rows=$(sed -n '/^rows=/,/^.$/p' "$tests/matrix/run" | grep -c '|')
"$tests/matrix/run" libleak >out 2>err || fail "not all ok: $(cat err out)"
expect_eq 'rows that are ok' "$rows" "$(grep -c '^|.*| ok |$' out)"
"$tests/matrix/run" -k 'a constructor waits' null >out 2>err || fail "$(cat err out)"
expect_eq 'rows in which the empty interposer hangs' 1 "$(grep -c '^|.*| DEADLOCK |$' out)"
"$tests/matrix/run" -k ifunc_library.c null >out 2>err || fail "$(cat err out)"
expect_eq 'rows in which the empty interposer crashes' 1 "$(grep -c '^|.*| SEGV |$' out)"
echo "counted: $rows rows"
