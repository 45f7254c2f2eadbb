#!/bin/bash
# leak diff: what a run holds more and less than another, site by site, also after the program's lines moved; and
# how fast the sites of one process grow between two snapshots.
. "$(dirname "$0")/../lib.sh"
need gcc jq

cat >p.c <<'END'
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
void **kept;
static int count;
static void keep(void *block) { kept = realloc(kept, (count + 1) * sizeof(*kept)); kept[count++] = block; }
void grows(int n) { while (n--) keep(malloc(100)); }
void shrinks(int n) { while (n--) keep(malloc(50)); }
void comes(int n) { while (n--) keep(strdup("12345")); }
void goes(int n) { while (n--) keep(calloc(1, 7)); }
void stays(int n) { while (n--) keep(malloc(9)); }
void maps(int n) { while (n--) mmap(NULL, 65536, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); }
int main(int argc, char **argv)
{
	int second = argc > 1 && argv[1][0] == '2', serve = argc > 1 && argv[1][0] == 's';

	grows(second ? 30 : 10);
	shrinks(second ? 5 : 20);
	comes(second ? 3 : 0);
	goes(second ? 0 : 4);
	stays(6);
	maps(second ? 2 : 1);
	for (int i = 0; serve; i++) {
		char line[8];

		if (read(0, line, sizeof(line)) <= 0)
			break;
		grows(1000);
		if (write(1, "+\n", 2) != 2)
			break;
	}
	return 0;
}
END
mkdir old new && gcc -g -O0 -o old/p p.c || fail 'cannot compile'
preloaded old/p 1 || fail "status $?"
mv "$(images)" old.leak
# The same program, its lines moved.
sed -i '5i // a line more\n' p.c && gcc -g -O0 -o new/p p.c || fail 'cannot compile'
preloaded new/p 2 || fail "status $?"
mv "$(images)" new.leak

"$leak" diff --json old.leak new.leak >diff.json 2>err
expect_eq 'status' 0 $?
expect_eq 'stderr' '' "$(cat err)"
expect_eq 'schema' leak-diff/1 "$(jq -r .schema diff.json)"
expect_eq 'verdict' '66.0 KiB more (1 call site new, 3 grown), 778 bytes less (1 call site shrunk, 1 gone)' "$(jq -r .verdict diff.json)"
# The array of pointers holds 40 at first, then 44.
expect_eq 'sites' 'maps grown unknown 65536 1
grows grown reachable 2000 20
keep grown reachable 32 0
comes new reachable 18 3
goes gone reachable -28 -4
shrinks shrunk reachable -750 -15' \
	"$(jq -r '.sites | sort_by(-.delta.bytes)[] | "\([.frames[].function | select(test("strdup") | not)][0]) \(.status) \(.class) \(.delta.bytes) \(.delta.blocks)"' diff.json)"
expect_eq 'unchanged' 1 "$(jq .unchanged diff.json)"
expect_eq 'sums' "$(jq '[.sites[].delta.bytes] | add' diff.json)" "$(jq '.new.bytes - .old.bytes' diff.json)"
expect_eq 'old and new of a site' '1000 10 3000 30' \
	"$(jq -r '.sites[] | select(.frames[0].function == "grows") | "\(.old.bytes) \(.old.blocks) \(.new.bytes) \(.new.blocks)"' diff.json)"
expect_eq 'seconds between two processes' null "$(jq .seconds diff.json)"
expect_eq 'the two that changed most' 'maps grows' \
	"$("$leak" diff --json --top=2 old.leak new.leak | jq -r '[.sites[].frames[0].function] | join(" ")')"
expect_eq 'with --filter' shrinks "$("$leak" diff --json --filter=shrinks old.leak new.leak | jq -r '.sites[].frames[0].function')"

"$leak" diff old.leak new.leak >diff.txt || fail "status $?"
for line in '^VERDICT  [0-9.]* KiB more \(1 call site new, 3 grown\), 778 bytes less \(1 call site shrunk, 1 gone\)$' \
	'^#1  \+64\.0 KiB in \+1 region by mmap' '^    3,000 bytes in 30 blocks now, 1,000 bytes in 10 before; still reachable$' \
	'^  > grows  p\.c:10  p$' '^    nothing now, 28 bytes in 4 before; still reachable$' 'NEW$'; do
	grep -qE -- "$line" diff.txt || fail "no '$line' in: $(cat diff.txt)"
done
expect_eq 'the same twice' 'VERDICT  no call site holds another amount than before' "$("$leak" diff old.leak old.leak | head -n 1)"

# A process at two moments.
mkfifo in out
preloaded new/p s <in >out &
exec 3>in 4<out
image=
for ((i = 0; i < 500 && !${#image}; i++)); do sleep 0.02; image=$(images | head -n 1); done
echo >&3 && read -r _ <&4
"$leak" snap -q --no-check -o one.leak "$image" >/dev/null || fail "leak snap: $?"
sleep 1
echo >&3 && read -r _ <&4
"$leak" snap -q --no-check -o two.leak "$image" >/dev/null || fail "leak snap: $?"
exec 3>&-
wait
"$leak" diff --json one.leak two.leak >diff.json || fail "status $?"
expect_eq 'growth' 'grows grown 100000 1000' \
	"$(jq -r '.sites[] | select(.frames[0].function == "grows") | "\(.frames[0].function) \(.status) \(.delta.bytes) \(.delta.blocks)"' diff.json)"
jq -e '.seconds >= 1 and .seconds < 60' diff.json >/dev/null || fail "seconds: $(jq .seconds diff.json)"
jq -e '.seconds as $s | .sites[] | select(.frames[0].function == "grows") | (.bytes_per_second * $s - 100000 | fabs) < 1000' diff.json >/dev/null ||
	fail "rate: $(jq -c '[.seconds, .sites[].bytes_per_second]' diff.json)"
"$leak" diff two.leak one.leak 2>err >/dev/null || fail "status $?"
grep -q 'older than the first; swap them' err || fail "not told: $(cat err)"

"$leak" diff old.leak 2>err
expect_eq 'status with one image' 2 $?
grep -q 'takes two recordings' err || fail "no reason: $(cat err)"
"$leak" diff old.leak nothing.leak 2>err
expect_eq 'status without the second' 3 $?
grep -q 'nothing.leak' err || fail "no reason: $(cat err)"
