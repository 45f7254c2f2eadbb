#!/bin/bash
# The formats for CI are valid, and say of a program what it lost, where, and what it could have.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/ci.inc"

mkdir -p project/src && cp "$tests/classes/parts/far.h" project/src
cat >project/src/lose.c <<'END'
#include "far.h"
#include <stdlib.h>
struct node { struct node *next; char text[40]; };
static void *kept, *middle;
static void lose(void) { for (int i = 0; i < 3; i++) ((char *)malloc(100))[0] = 1; }
static void lose_list(void)
{
	struct node *first = malloc(sizeof(*first));
	first->next = calloc(1, 500);
}
void __lsan_ignore_object(const void *block) __attribute__((weak));
static void ignore(void) { if (__lsan_ignore_object) __lsan_ignore_object(malloc(30)); }
static void work(void) { ignore(); lose(); lose_list(); kept = malloc(7); middle = (char *)malloc(64) + 8; }
int main(void) { far_below(work); return 0; }
END
(cd project && gcc -g -o p src/lose.c) || fail "cannot compile"
preloaded project/p || fail "the program fails"
image=$(images)

all_formats "$image" --source-root=project
valid
expect_eq "results of sarif" 'LEAK001 src/lose.c 8|LEAK001 src/lose.c 5|LEAK003 src/lose.c 13' \
	"$(jq -r '[.runs[0].results[] | "\(.ruleId) \(.locations[0].physicalLocation | "\(.artifactLocation.uri) \(.region.startLine)")"]
		| join("|")' sarif)"
expect_eq "the code flow" 'main far_below work lose' "$(jq -r '[.runs[0].results[1].codeFlows[0].threadFlows[0].locations[]
	.location.message.text] | .[index("main"):] | join(" ")' sarif)"
expect_eq "tests of junit" '3 3 0' "$(sed -n 's/.*tests="\([0-9]*\)" failures="\([0-9]*\)" errors="\([0-9]*\)".*/\1 \2 \3/p' junit)"
expect_eq "places of gitlab" 'src/lose.c:8:major src/lose.c:5:major src/lose.c:13:minor' \
	"$(jq -r '[.[] | "\(.location.path):\(.location.lines.begin):\(.severity)"] | join(" ")' gitlab)"
expect_eq "annotations" '::error file=src/lose.c,line=8|::error file=src/lose.c,line=5|::warning file=src/lose.c,line=13' \
	"$(sed -n 's/^\(::.*line=[0-9]*\),.*/\1/p' github | paste -sd'|')"
expect_eq "records of valgrind" 'Leak_PossiblyLost 64|Leak_DefinitelyLost 300|Leak_DefinitelyLost 548' \
	"$("$python" -c 'import xml.etree.ElementTree as t
print("|".join(e.find("kind").text + " " + e.find("xwhat/leakedbytes").text for e in t.parse("valgrind-xml").getroot().findall("error")))')"
grep -q '548 (48 direct, 500 indirect) bytes in 1 blocks are definitely lost in loss record 6 of 6' memcheck ||
	fail "memcheck has no record of the list: $(cat memcheck)"
grep -q 'suppressed: 30 bytes in 1 blocks' memcheck || fail "what is ignored is not counted: $(cat memcheck)"
grep -q 'still reachable: 7 bytes in 1 blocks' memcheck || fail "memcheck has no sum: $(cat memcheck)"
grep -q 'ERROR SUMMARY: 3 errors from 3 contexts' memcheck || fail "memcheck: $(tail -1 memcheck)"

all_formats "$image" --source-root=project --kinds=all
valid
expect_eq "all results of sarif" 5 "$(jq '.runs[0].results | length' sarif)"
expect_eq "failures of what is all" 3 "$(grep -c '<failure' junit)"

# Without names there is the module to point to.
all_formats "$image" --no-symbolize
valid
jq -e '.runs[0].results[0].locations[0].physicalLocation.artifactLocation.uri | endswith("project/p")' sarif >/dev/null ||
	fail "no module in sarif"

# A program that loses nothing: a passed test, no results.
echo 'int main(void) { return 0; }' >clean.c
gcc -g -o clean clean.c && preloaded ./clean
all_formats "$(images | grep clean)"
valid
expect_eq "results of a clean program" 0 "$(jq '.runs[0].results | length' sarif)"
expect_eq "tests of a clean program" 1 "$(grep -c 'name="nothing leaked" time="0"/>' junit)"
expect_eq "gitlab of a clean program" '[]' "$(jq -c . gitlab)"

"$leak" report "$image" --format=sarif --group=file 2>err
expect_eq "status with --group" 2 $?
exit 0
