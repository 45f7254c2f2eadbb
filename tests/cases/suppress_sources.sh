#!/bin/bash
# Suppressions come from options, LSAN_OPTIONS, the program itself and known places, and are told of.
. "$(dirname "$0")/../lib.sh"
need gcc jq
cat >p.c <<'EOF'
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/wait.h>
#ifdef TEXT
const char *__lsan_default_suppressions(void)
{
	return TEXT;
}
#endif
static void *volatile sink;
__attribute__((noinline)) void lose_one(void) { sink = malloc(100); sink = NULL; }
__attribute__((noinline)) void lose_two(void) { sink = malloc(200); sink = NULL; }
__attribute__((noinline)) void clear(void) { volatile char room[4096]; memset((void *)room, 0, sizeof(room)); }
int main(void)
{
	lose_one();
	lose_two();
	clear();
	if (fork() == 0) {
		lose_one();
		clear();
		return 0;
	}
	wait(NULL);
	return 0;
}
EOF
gcc -g -O0 -o plain p.c && gcc -g -O0 -rdynamic -DTEXT='"# reason: known\nleak:lose_one\n"' -o says p.c ||
	fail "cannot compile"

# hidden [OPTION…]: what is suppressed in the images, "BYTES by ENTRY" each, and what is left.
hidden() {
	local list
	mapfile -t list < <(images)
	"$leak" report --json "$@" "${list[@]}" >report.json 2>report.err || fail "no report: $(cat report.err)"
	jq -r '[.sites[] | select(.class == "suppressed") | "\(.bytes) by \(.suppression)"] + [.sites[]
		| select(.class == "definite") | "\(.bytes) left"] | sort | join(", ")' report.json
}

preloaded ./plain
expect_eq "without any" "100 left, 100 left, 200 left" "$(hidden)"
echo leak:lose_two >two.supp
expect_eq "with --suppressions" "100 left, 100 left, 200 by lose_two" "$(hidden --suppressions=two.supp)"
expect_eq "with LSAN_OPTIONS of the report" "100 left, 100 left, 200 by lose_two" \
	"$(LSAN_OPTIONS="exitcode=3:suppressions='two.supp'" hidden)"
cp two.supp .leak.supp
expect_eq "with .leak.supp" "100 left, 100 left, 200 by lose_two" "$(hidden)"
expect_eq "without what is not named" "100 left, 100 left, 200 left" "$(hidden --no-default-suppressions)"
mv .leak.supp lsan.supp
expect_eq "with lsan.supp" "100 left, 100 left, 200 by lose_two" "$(hidden)"
hidden -v >/dev/null
grep -qx 'leak: lsan.supp: 1 suppression read' report.err || fail "-v does not tell what was read: $(cat report.err)"
rm lsan.supp

# Totals are those of each process.
expect_eq "the parent's classes" '{"bytes":200,"blocks":1} {"bytes":100,"blocks":1}' \
	"$(hidden --suppressions=two.supp >/dev/null; jq -cr '.processes[0].classes | "\(.suppressed) \(.definite)"' report.json)"
expect_eq "the child's classes" '{"bytes":0,"blocks":0} {"bytes":100,"blocks":1}' \
	"$(jq -cr '.processes[1].classes | "\(.suppressed) \(.definite)"' report.json)"

# What the program was told, from where it was told; also in its child.
rm -f "$work/images/"*
LSAN_OPTIONS=suppressions=two.supp preloaded ./plain
cd / || exit 1
mapfile -t list < <(images)
"$leak" report --json "${list[@]}" 2>&1 | jq -cr '[.suppressions[] | .name, .sites, .bytes]' >"$work/found"
cd "$work/run" || exit 1
expect_eq "with LSAN_OPTIONS of the program" '["lose_two",1,200]' "$(cat "$work/found")"
mkdir beside && cp plain beside/ && echo leak:lose_one >beside/one.supp
rm -f "$work/images/"*
OPTIONS=suppressions=one.supp preloaded beside/plain
expect_eq "with a file beside the program" "100 by lose_one, 100 by lose_one, 200 left" "$(hidden)"
rm -f "$work/images/"*
LSAN_OPTIONS=suppressions=two.supp preloaded ./plain
rm two.supp
expect_eq "with its file gone" "100 left, 100 left, 200 left" "$(hidden)"
grep -q '^leak: two.supp: the program was told to have its suppressions there' report.err ||
	fail "a missing file is not told: $(cat report.err)"

rm -f "$work/images/"*
preloaded ./says
expect_eq "with the program's own" "100 by lose_one, 100 by lose_one, 200 left" "$(hidden)"
expect_eq "the child has them, too" '{"bytes":100,"blocks":1}' "$(jq -cr '.processes[1].classes.suppressed' report.json)"

# Wrong lines are errors, with their place; unknown types of LeakSanitizer's relatives are not.
mapfile -t list < <(images)
refused() { # TEXT STATUS MESSAGE
	printf '%b' "$1" >bad.supp
	"$leak" report --suppressions=bad.supp "${list[@]}" >out 2>err
	expect_eq "the status with '$1'" "$2" "$?"
	expect_eq "the message with '$1'" "$3" "$(head -1 err)"
}
refused 'leak:f\nsurprise\n' 3 "leak: bad.supp:2: a line of LeakSanitizer's suppressions is leak:PATTERN, not 'surprise'"
refused '{\n n\n Memcheck:Leak\n fun:f\n' 3 "leak: bad.supp:4: the file ends within the entry that begins in line 1"
refused '{\n n\n Memcheck:Leak\n ...\n}\n' 3 "leak: bad.supp:5: the entry 'n' has no place but '...'"
refused 'race:x\nodr_violation:y\nleak:z\n' 0 "leak: bad.supp:1: 'race:' is not about leaks; such lines are ignored"
refused '# until: 2001-02-03\nleak:z\n' 0 "leak: bad.supp:2: 'z' was meant to last until 2001-02-03: is it still needed?"
"$leak" report --suppressions=none.supp "${list[@]}" >out 2>err
expect_eq "a file that is not there" "3 leak: none.supp: No such file or directory" "$? $(cat err)"
