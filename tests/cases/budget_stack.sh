#!/bin/bash
# An event takes at most 512 bytes of the program's stack on the fast path (a stack that the thread
# remembers), 1228 where it walks, learns or grows something.
# The allocator under the recorder needs next to none, so that what is measured is the recorder's.
# pitfall: P22
. "$(dirname "$0")/../lib.sh"
need gcc g++ jq
parts=$tests/cases/parts

cat >plugin.c <<'END_OF_C'
static volatile int calls;
void call(void (*measure)(void (*)(void)), void (*event)(void)) { measure(event); calls++; }
END_OF_C
gcc -O2 -fno-builtin -fPIC -shared -o libbump.so "$parts/bump.c" &&
	gcc -g -O0 -fPIC -shared -o libplugin.so plugin.c &&
	gcc -g -O0 -o stack_depth "$parts/stack_depth.c" -Wl,-z,now -pthread -ldl -lstdc++ || fail "cannot compile"
LD_PRELOAD=./libbump.so ./stack_depth >bare || fail "fails bare: $?"
PRELOAD_MORE=./libbump.so preloaded ./stack_depth >recorded || fail "fails under the recorder: $?"
expect_eq "kinds of events" "$(cut -d' ' -f1,2 bare)" "$(cut -d' ' -f1,2 recorded)"
[ "$(wc -l <bare)" -ge 30 ] || fail "too few kinds: $(cat bare)"

paste -d' ' bare recorded | awk '{ print $1, $2, $6 - $3 }' | tee figures
awk '{ limit = $1 == "fast" ? 512 : 1228 }
	$3 > limit { print $1, $2 ": " $3 " bytes, more than " limit; bad = 1 }
	END { exit bad }' figures || fail "over the budget of stack"
# One row is enough: thousands are slow to read.
mapfile -t list < <(images)
run_leak report --json --top=1 "${list[@]}" >"$work/report.json" || fail "leak report: $?"
expect_eq "events dropped" 0 "$(field '[.processes[].not_recorded.dropped_events] | add')"
