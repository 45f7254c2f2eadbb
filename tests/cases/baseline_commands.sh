#!/bin/bash
# leak baseline: save, show and prune; what they keep, print and refuse; NEW and GROWN in a report.
. "$(dirname "$0")/../lib.sh"

need gcc jq
cat >p.c <<'END'
#include <stdlib.h>
static void lose(void *block) { *(volatile char *)block = 1; }
static void one(void) { lose(malloc(10)); }
static void two(int count)
{
	for (int i = 0; i < count; i++)
		lose(calloc(1, 20));
}
static void three(void) { lose(malloc(30)); }
static char *held;
static void hold(void) { held = malloc(40); }
int main(int count, char **arguments)
{
	(void)arguments;
	if (count != 3)
		one();
	two(count);
	if (count > 1)
		three();
	hold();
	return 0;
}
END
gcc -g -O0 -o p p.c || fail "cannot compile"
preloaded ./p && mv "$work"/images/* first.leak
preloaded ./p x && mv "$work"/images/* second.leak
preloaded ./p x y && mv "$work"/images/* third.leak

baseline() { # STATUS ARGUMENTS…: output and errors to ./out and ./err
	local status=$1
	shift
	"$leak" baseline "$@" >out 2>err
	expect_eq "status of leak baseline $*" "$status" $?
}
functions() { jq -r .fn "${1-.leak-baseline.jsonl}" | sort | xargs; }

# save
baseline 0 save first.leak
expect_eq "what save tells" "leak: .leak-baseline.jsonl: 2 known leaks" "$(cat out err)"
expect_eq "what is saved" "one two" "$(functions)"
expect_eq "a line" '{"fn":"two","file":"p.c","kind":"definite","allocator":"calloc","bytes":20,"blocks":1,"places":1,"frames":["p!two","main"],"note":""}' \
	"$(jq -c 'select(.fn == "two") | del(.fp)' .leak-baseline.jsonl)"
expect_eq "ids" "$("$leak" report --json --kinds=definite first.leak | jq -r '.sites[].id' | sort)" \
	"$(jq -r .fp .leak-baseline.jsonl)"
baseline 0 save -q -o all.jsonl --kinds=all first.leak
expect_eq "what is saved with --kinds=all" "hold one two" "$(functions all.jsonl)"
baseline 0 save -q -o - first.leak && [ -f ./- ] || fail "-o - is a file by that name"

# report
"$leak" report --baseline=.leak-baseline.jsonl second.leak >out || fail "no report"
grep -q '^baseline 1 new, 1 grown, 1 known; 0 of it not seen here$' out || fail "no sums: $(cat out)"
grep -qE '^#.* by malloc.*  id [0-9a-f]{8}  NEW$' out || fail "no NEW: $(cat out)"
grep -qE '^#.* by calloc.*  id [0-9a-f]{8}  GROWN: the baseline has 1 block$' out || fail "no GROWN: $(cat out)"
expect_eq "number of marks" 2 "$(grep -cE 'NEW|GROWN' out)"
"$leak" report --json --baseline .leak-baseline.jsonl second.leak >out
expect_eq "statuses" "hold null null, one known 1, three new 0, two grown 1" \
	"$(jq -r '[.sites[] | "\(.frames[0].function) \(.baseline) \(.baseline_blocks)"] | sort | join(", ")' out)"
expect_eq "sums" '{"new":1,"grown":1,"known":1,"gone":0}' "$(jq -c .baseline out)"
expect_eq "several images count together" '{"new":1,"grown":2,"known":0,"gone":0}' \
	"$("$leak" report --json --baseline .leak-baseline.jsonl first.leak second.leak | jq -c .baseline)"
"$leak" report --json second.leak | jq -e 'has("baseline") or (.sites[0] | has("baseline"))' >/dev/null &&
	fail "compared without being asked"
"$leak" report -q --baseline=none.jsonl second.leak >out 2>err
expect_eq "status without the file" 3 $?
grep -q '^leak: none.jsonl: No such file or directory$' err || fail "$(cat err)"

# Notes and unknown keys stay.
jq -c 'if .fn == "one" then .note = "known since May" | .ticket = [1, {"a": 2.5}] else . end' \
	.leak-baseline.jsonl >edited && mv edited .leak-baseline.jsonl
baseline 0 save --note=recent second.leak
expect_eq "what save tells" "leak: .leak-baseline.jsonl: 3 known leaks; 1 place is new, 0 entries are gone" "$(cat out err)"
expect_eq "notes" 'one:known since May:[1,{"a":2.5}] three:recent:null two:recent:null' \
	"$(jq -r '"\(.fn):\(.note):\(.ticket | tojson)"' .leak-baseline.jsonl | sort | xargs -d '\n')"

# show
baseline 0 show
expect_eq "what show prints" "ID BYTES BLOCKS KIND FUNCTION
10 B 1 definite one p.c # known since May
30 B 1 definite three p.c # recent
40 B 2 definite two p.c # recent" "$(sed 's/^[0-9a-f]\{8\} *//; s/^ *//; s/  */ /g' out | sort -k1,1r -k1,1 | sort -s -k5)"
baseline 2 show .leak-baseline.jsonl more
baseline 3 show none.jsonl

# prune drops what is not there in any class.
baseline 0 prune third.leak
grep -q '  one  p.c  # known since May$' out || fail "the dropped line is not told: $(cat out)"
expect_eq "what is left" "three two" "$(functions)"
baseline 0 prune --baseline=all.jsonl third.leak
expect_eq "what is left of all" "hold two" "$(functions all.jsonl)"

# What is wrong is named and nothing is replaced.
{ cat .leak-baseline.jsonl; echo '<<<<<<< HEAD'; echo '{"fp":"12'; } >torn.jsonl
cp torn.jsonl before
for command in "save -o torn.jsonl first.leak" "prune --baseline=torn.jsonl first.leak"; do
	# shellcheck disable=SC2086
	baseline 3 $command
	grep -q '^leak: torn.jsonl:3: not JSON: ' err && grep -q '^leak: torn.jsonl:4: not JSON: ' err ||
		fail "lines are not named: $(cat err)"
	grep -q '^leak: torn.jsonl: is left as it is: repair it, or remove it, first$' err || fail "$(cat err)"
	cmp -s torn.jsonl before || fail "$command replaced a file that it cannot read"
done
"$leak" report --json --baseline=torn.jsonl second.leak >out 2>err
expect_eq "status with wrong lines" 3 $?
expect_eq "and the others count" '{"new":1,"grown":0,"known":2,"gone":0}' "$(jq -c .baseline out)"
head -c 3000 second.leak >cut.leak
cp .leak-baseline.jsonl before
baseline 3 save first.leak cut.leak
baseline 3 prune cut.leak first.leak
cmp -s .leak-baseline.jsonl before || fail "replaced by part of the images"
baseline 3 save -o nowhere/file first.leak
baseline 3 save -o first.leak first.leak
baseline 2
baseline 2 keep first.leak
[ -z "$(find . -name '*.tmp')" ] || fail "temporary files are left"
exit 0
