#!/bin/bash
# leak report --group=mark: what was allocated after each mark and is left, by label, also of a program
# that was killed, of several processes, and beside suppressions.
. "$(dirname "$0")/../lib.sh"
cat >p.c <<'END'
#include "preload/leak.h"
#include "tests/cases/parts/lose.h"
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void *volatile kept;

int main(int argc, char **argv)
{
	lose(1);
	leak_mark("first");
	lose(10);
	lose(11);
	lose_two(12, 13);
	leak_mark("clean");
	free(malloc(1000));
	leak_mark(NULL);
	lose(100);
	leak_mark("a name that is longer than sixteen bytes and than fifty-four");
	kept = malloc(200);
	mmap(NULL, 8192, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	leak_mark("first");
	lose(1000);
	leak_disable();
	lose(5000);
	leak_enable();
	clear();
	if (argc > 1)
		kill(getpid(), SIGKILL);
	return 0;
}
END
gcc -g -O1 -w -I"$root" -o p p.c || fail "cannot compile"
table() {
	run_leak report --format=json --group=mark "$@" >"$work/report.json" 2>err || fail "leak report: $? $(cat err)"
	field '.groups[] | "\(.kind) \(.class) \(.name) \(.bytes)/\(.blocks) of \(.sites)"' | sort
}
preloaded ./p
preloaded ./p again
images >list
mapfile -t both <list
one=$(for image in "${both[@]}"; do "$leak" report --format=json "$image" | jq -r 'select(.processes[0].state == "clean") | .processes[0].image'; done)
killed=$(printf '%s\n' "${both[@]}" | grep -vFx "$one")
[ -n "$one" ] && [ -n "$killed" ] || fail "not a clean one and a killed one"
expect_eq "table" 'heap definite (before the first mark) 1/1 of 1
heap definite (mark 4) 100/1 of 1
heap definite first 1033/4 of 4
heap indirect first 13/1 of 1
heap reachable a name that is longer than sixteen bytes and than fift 200/1 of 1
heap suppressed first 5000/1 of 1
mmap unknown a name that is longer than sixteen bytes and than fift 8192/1 of 1' "$(table "$one")"
expect_eq "of a killed process" 'heap suppressed first 5000/1 of 1
heap unknown (before the first mark) 1/1 of 1
heap unknown (mark 4) 100/1 of 1
heap unknown a name that is longer than sixteen bytes and than fift 200/1 of 1
heap unknown first 1046/5 of 5
mmap unknown a name that is longer than sixteen bytes and than fift 8192/1 of 1' "$(table "$killed")"
expect_eq "of both" 'heap definite first 1033/4 of 4
heap suppressed first 10000/2 of 1
heap unknown first 1046/5 of 5' "$(table "$one" "$killed" | grep -E '^heap (definite|suppressed|unknown) first ')"
# What is lost through a hidden site is hidden with it.
printf 'leak:lose_two\n' >supp
expect_eq "beside suppressions" 'heap definite first 1021/3 of 3
heap suppressed first 5025/3 of 3' "$(table --suppressions supp "$one" | grep -E '^heap [a-z]+ first ')"
expect_eq "filtered" 'heap definite first 12/1 of 1
heap indirect first 13/1 of 1' "$(table --filter lose_two "$one")"
# For people: the rows of blocks lost through others, and where most is from.
run_leak report --group=mark --color=never "$one" >text 2>err || fail "leak report: $?"
grep -Eq '^ +1\.0 KiB +4 +4 +91%  first  most in lose$|^ +1,033 B +4 +4 +91%  first  most in lose$' text || fail "text: $(cat text)"
grep -Eq '^ +13 B +1 +1 +100%  first  in lose_two$' text || fail "text: $(cat text)"

# Of a site that is hidden in part only, that part is taken out.
cat >q.c <<'END'
#include "preload/leak.h"
#include "tests/cases/parts/lose.h"
static __attribute__((noinline)) void *inner(size_t size) { return malloc(size); }
#define LOSES(name) static __attribute__((noinline)) void name(void) \
	{ void *volatile *volatile block = malloc(300); *block = inner(70); block = NULL; }
LOSES(loses_hidden)
LOSES(loses)
int main(void)
{
	leak_mark("one");
	loses_hidden();
	leak_mark("two");
	loses();
	clear();
	return 0;
}
END
gcc -g -O1 -w -I"$root" -o q q.c || fail "cannot compile"
rm -f "$work/images/"*
preloaded ./q
printf 'leak:loses_hidden\n' >supp
expect_eq "hidden in part" 'heap definite two 300/1 of 1
heap indirect two 70/1 of 1
heap suppressed one 370/2 of 2' "$(table --suppressions supp "$(images)")"
