#!/bin/bash
# Classes of blocks in leak report: what is listed, in which order, beneath what; --kinds; the sums.
. "$(dirname "$0")/../lib.sh"

need gcc jq
cat >p.c <<'EOF'
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
struct node { struct node *next; char *name; char room[80]; };
static struct node *kept;
static char *inside;
__attribute__((noinline)) static char *name(void) { return memset(malloc(10), 'x', 10); }
__attribute__((noinline)) static struct node *chain(int count)
{
	struct node *first = NULL;
	for (int i = 0; i < count; i++) {
		struct node *node = calloc(1, sizeof(*node));
		node->next = first;
		node->name = name();
		first = node;
	}
	return first;
}
__attribute__((noinline)) static void lose(void) { chain(4); }
__attribute__((noinline)) static void lose_large(void) { *(volatile char *)malloc(300) = 1; }
__attribute__((noinline)) static void hold(void) { kept = chain(2); }
__attribute__((noinline)) static void point_into(void) { inside = (char *)malloc(50) + 8; }
__attribute__((noinline)) static void wipe(void) { memset(__builtin_alloca(4096), 0, 4096); }
int main(void)
{
	lose();
	lose_large();
	hold();
	point_into();
	wipe();
	return 0;
}
EOF
gcc -g -O0 -o p p.c || fail "cannot compile"
preloaded ./p
image=$(images | head -1)
"$leak" report "$image" >out || fail "no report"
expect_eq verdict "VERDICT  396 bytes in 2 blocks definitely lost at exit, 2 call sites; the largest, in chain (p.c:12), holds 59%; 328 bytes in 7 blocks lost through them; 50 bytes in 1 block possibly lost" \
	"$(head -1 out)"
expect_eq classes "classes  definitely lost: 396 bytes in 2 blocks
         indirectly lost: 328 bytes in 7 blocks
         possibly lost:   50 bytes in 1 block
         still reachable: 212 bytes in 4 blocks (--kinds=all lists them)" \
	"$(sed -n '/^classes/,/^$/p' out | sed '/^$/d')"
expect_eq "sections and sites" "definitely lost: 396 bytes in 2 blocks, and 328 bytes in 7 through them
#1  424 bytes in 8 blocks by calloc, 59%
    96 bytes in 1 block lost directly, 328 bytes in 7 blocks through it
    lost through this block:
      288 bytes in 3 blocks by calloc in chain (p.c:12)
      40 bytes in 4 blocks by malloc in name (p.c:7)
#2  300 bytes in 1 block by malloc, 41%
possibly lost: 50 bytes in 1 block
#3  50 bytes in 1 block by malloc, 100%" \
	"$(grep -E '^(#|[dp][a-z]* lost: |    (96|lost)|      [0-9])' out | sed 's/  id .*//')"

kinds() { # EXPECTED OPTIONS… - the classes in the order of the JSON report
	local expected=$1
	shift
	expect_eq "classes of $*" "$expected" "$("$leak" report "$image" --json "$@" | jq -r '[.sites[].class] | join(" ")')"
}
kinds "definite definite indirect indirect possible reachable reachable"
kinds "definite definite indirect indirect possible reachable reachable" --kinds=all
kinds "definite definite" --kinds definite
kinds "possible reachable reachable" --kinds=reachable,possible
kinds "" --kinds=none
kinds "" --kinds=unknown
for wrong in '' definit 'definite,' ,definite all-of-them suppressed 'definite reachable'; do
	"$leak" report "$image" --kinds="$wrong" >out 2>err
	expect_eq "status of --kinds=$wrong" 2 $?
	grep -q "^leak: --kinds takes some of definite, indirect, .* or none; not '$wrong'" err || fail "message: $(cat err)"
done

"$leak" report "$image" --kinds=reachable >out
grep -qx '         indirectly lost: 328 bytes in 7 blocks (not listed)' out || fail "what is not listed: $(cat out)"
grep -qx 'still reachable: 212 bytes in 4 blocks' out || fail "no section of what is reachable: $(cat out)"
grep -q '^definitely lost:' out && fail "lists more than it was asked to: $(cat out)"
"$leak" report "$image" -g function >out
grep -qE '^ +96 B +1 +328 B +1 +59%  chain$' out || fail "no row with what is lost through it: $(cat out)"
expect_eq "folded lines of lost blocks" "main;lose;chain;calloc 96
main;lose_large;malloc 300" \
	"$("$leak" report "$image" -f folded --kinds=definite | sed 's/.*;main;/main;/' | sort)"

report
expect_eq "sum of the classes" '986 in 14' \
	"$(field '.processes[0].classes | [.[]] | "\(map(.bytes) | add) in \(map(.blocks) | add)"')"
expect_eq "what is live" '986 in 14' "$(field '.processes[0].live | "\(.bytes) in \(.blocks)"')"
expect_eq "what is lost through the first site" '{"bytes":328,"blocks":7} chain 288 3, name 40 4' \
	"$(jq -r '. as $r | .sites[0] | "\(.indirect) " + ([.loses[] |
		"\($r.sites[.site].frames[0].function) \(.bytes) \(.blocks)"] | join(", "))' "$work/report.json")"
expect_eq check 'true end 0 0' "$(field '.processes[0].check | "\(.done) \(.trigger) \(.unmet_threads) \(.newer.blocks)"')"

# Without the check all is as it was.
rm "$work/images/"*
OPTIONS=classes=0 preloaded ./p
image=$(images | head -1)
"$leak" report "$image" >out
expect_eq verdict "VERDICT  986 bytes in 14 blocks not freed at exit" "$(head -1 out | sed 's/,[^,]*call.*//')"
grep -q '^not freed: 986 bytes in 14 blocks$' out || fail "$(cat out)"
grep -q '^classes' out && fail "classes without a check: $(cat out)"
expect_eq "check" null "$("$leak" report "$image" --json | jq -c '.processes[0].check')"
"$leak" report "$image" --kinds=definite >out
grep -qx 'classes  not classified:  986 bytes in 14 blocks (not listed)' out || fail "not told what is not listed: $(cat out)"

# What a program held that became another one by exec is gone: a line beside the other, listed where it is all.
rm "$work/images/"*
cat >before.c <<'EOF'
#include <stdlib.h>
#include <unistd.h>
static void *volatile kept;
__attribute__((noinline)) static void hold(void) { kept = malloc(700); }
int main(void) { hold(); execl("./p", "./p", NULL); return 1; }
EOF
gcc -g -O0 -o before before.c || fail "cannot compile"
preloaded ./before
"$leak" report "$work/images" >out || fail "no report"
grep -qx 'exec     700 bytes in 1 block, thrown away when another program took over (--kinds=all lists them)' out ||
	fail "no line on what is gone: $(cat out)"
grep -q 'hold  *before.c:4' out && fail "what is gone is listed: $(cat out)"
grep -q '^VERDICT  396 bytes in 2 blocks definitely lost, .* 50 bytes in 1 block possibly lost$' out || fail "$(head -1 out)"
"$leak" report "$work/images" --kinds=all >out
grep -q 'hold  *before.c:4' out && grep -q 'VERDICT .*; 700 bytes in 1 block not classified$' out || fail "not listed: $(cat out)"
"$leak" report "$work/images/leak.before."* >out
grep -q '^VERDICT  700 bytes in 1 block not freed when another program took over, 1 call site in hold (before.c:4)$' out ||
	fail "alone: $(cat out)"
expect_eq "sites in JSON" 1 "$("$leak" report "$work/images" --json | jq '[.sites[] | select(.frames[0].function == "hold" and .bytes == 700)] | length')"

# Neither is it in a format for CI that nobody gave classes, nor in a file beside the report.
"$leak" report "$work/images" --sarif=beside.sarif --junit=beside.junit --gitlab=beside.gitlab --markdown=beside.markdown \
	--xml=beside.xml >out || fail "no files beside the report"
for format in sarif junit gitlab github markdown valgrind-xml memcheck; do
	"$leak" report "$work/images" --format=$format >beside.$format.out || fail "no $format"
	grep -q 'before\.c' beside.$format.out && fail "$format has what is gone: $(cat beside.$format.out)"
	"$leak" report "$work/images" --format=$format --kinds=all >out || fail "no $format"
	grep -q 'before\.c' out || fail "$format lacks what is gone where it is asked for"
done
cmp beside.sarif beside.sarif.out && cmp beside.junit beside.junit.out && cmp beside.gitlab beside.gitlab.out &&
	cmp beside.markdown beside.markdown.out && cmp beside.xml beside.valgrind-xml.out || fail "the files are another report"

# Nor is it judged, also where blocks of no known class are.
"$leak" check --kinds=definite,possible,unknown --fail-on='bytes>774' "$work/images" >out || fail "judged: $(cat out)"
"$leak" check --kinds=definite,possible,unknown --fail-on='bytes>773' "$work/images" >out && fail "not judged: $(cat out)"

# The sums of memcheck's log are of all processes, and of the same blocks.
heap() { # KINDS - what its heap summary says
	"$leak" report "$work/images" --format=memcheck ${1:+--kinds=$1} | sed -n 's/.*in use at exit: //p; s/.*heap usage: //p' | paste -sd'|'
}
expect_eq "the heap summary" "986 bytes in 14 blocks|15 allocs, 0 frees, 1,686 bytes allocated" "$(heap '')"
expect_eq "the heap summary of all" "1,686 bytes in 15 blocks|15 allocs, 0 frees, 1,686 bytes allocated" "$(heap all)"
