#!/bin/bash
# A library's frame is never marked as own code; a stripped program's is; missing symbols and lines are told.
. "$(dirname "$0")/../lib.sh"

need gcc jq strip nm objdump
cat >p.c <<'END'
#include <stdlib.h>
#include <string.h>
void *kept[3];
static __attribute__((noinline)) void small(void) { kept[0] = malloc(10); }
int main(int count, char **arguments)
{
	if (count > 1) small();
	kept[1] = setvbuf ? 0 : arguments;
	return putenv(strcpy(kept[2] = malloc(5000), "NAME=value")) && kept[1];
}
END
sed -i '1i #include <stdio.h>' p.c
gcc -g -O0 -o p p.c || fail "cannot compile"
cp p stripped && strip stripped
preloaded ./stripped x
image=$(images | head -1)
"$leak" report "$image" --kinds=all >out || fail "no report"
grep -q '^  > stripped+0x' out || fail "no frame of the stripped program is marked: $(cat out)"
expect_eq notes "note: stripped has no symbols here: build it with -g and leave it unstripped, or give --debuginfod, or --symbols=DIR" \
	"$(grep '^note: stripped' out)"
"$leak" report -v --kinds=all "$image" | grep -q '^note: stripped has no symbols here (build-id [0-9a-f]*): build it' ||
	fail "no build-id with -v"

# Without lines, two call sites in one function are told apart by offsets; names stay what they are.
rm "$work/images/"*
cat >two.c <<'END'
#include "far.h"
#include <stdlib.h>
static __attribute__((noinline)) void two(void)
{
	((char *)malloc(10))[0] = 1;
	((char *)malloc(2000))[0] = 1;
}
int main(void) { far_below(two); return 0; }
END
gcc -g0 -O0 -I"$tests/classes/parts" -o two two.c || fail "cannot compile"
preloaded ./two
image=$(images | head -1)
"$leak" report "$image" >out || fail "no report"
start=$(nm two | sed -n 's/^\([0-9a-f]*\) t two$/\1/p')
objdump -d two | awk '/<two>:$/ { on = 1 } /^$/ { on = 0 } on && called { print $1; called = 0 } on && /call.*malloc/ { called = 1 }' |
	tr -d : | while read -r address; do printf 'two+0x%x\n' $((16#$address - 16#$start)); done >calls
expect_eq "the marked frames" "$(sed 's/^/  > /' calls)" "$(grep -o '^  > [^ ]*' out | tac)"
grep -q "the largest, in $(tail -1 calls), holds" out || fail "the verdict: $(head -1 out)"
expect_eq "the note" "note: two has no source lines here: build it with -g, or give --debuginfod, or --symbols=DIR" "$(grep '^note:' out)"
"$leak" top "$image" --count 1 >table || fail "leak top fails"
expect_eq "rows of leak top" "$(tac calls)" "$(grep -o 'two+0x[0-9a-f]*' table)"
expect_eq "names for programs" 'two two' "$("$leak" report --json "$image" | jq -r '[.sites[].frames[0].function] | join(" ")')"
expect_eq "names in a suppression" 'leak:^two$' "$("$leak" suppress gen "$image" | grep ^leak: | sort -u)"
expect_eq "the name of a suppression" 'two' "$("$leak" suppress gen --format=valgrind "$image" | sed -n 's/^   auto_[0-9a-f]*_//p')"
expect_eq "rows by function" 1 "$("$leak" report "$image" --group function | grep -c ' two$')"
"$leak" baseline save -q -o two.jsonl "$image" >/dev/null 2>err || fail "no baseline: $(cat err)"
sed -i 's/malloc(10)/malloc(10 + (start \& 0))/; s/^{$/{ volatile int start = 1; start += start * 3;/' two.c
gcc -g0 -O0 -I"$tests/classes/parts" -o two two.c || fail "cannot compile again"
rm "$image"
preloaded ./two
"$leak" check --baseline=two.jsonl "$(images | head -1)" >out || fail "not known after a rebuild: $(cat out)"

# libc runs the timer in a thread that it starts itself: stacks of libc and the loader only.
rm "$work/images/"*
cat >lib.c <<'END'
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
int main(void)
{
	struct sigevent event = {.sigev_notify = SIGEV_THREAD};
	event.sigev_notify_function = (void (*)(union sigval))(void (*)(void))free;
	*(char **)&event.sigev_value = strdup("mine");
	timer_t timer;
	if (timer_create(CLOCK_MONOTONIC, &event, &timer)) return 1;
	struct itimerspec soon = {.it_value.tv_nsec = 1000000};
	timer_settime(timer, 0, &soon, NULL);
	usleep(300000);
	return 0;
}
END
gcc -g -o lib lib.c || fail "cannot compile"
preloaded ./lib
"$leak" report --json "$(images | head -1)" >json
"$leak" report --all --kinds=all "$(images | head -1)" >out
expect_eq "marked frames" "$(jq '[.sites[] | select(any(.frames[]; .own))] | length' json)" "$(grep -c '^  > ' out)"
jq -e '[.sites[] | select(all(.frames[]; .own | not))] | length > 0' json >/dev/null ||
	skip "libc keeps nothing here"
exit 0
