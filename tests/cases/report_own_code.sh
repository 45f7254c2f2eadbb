#!/bin/bash
# A library's frame is never marked as own code; a stripped program's is; missing symbols are told.
. "$(dirname "$0")/../lib.sh"

need gcc jq strip
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
expect_eq notes "note: stripped has no symbols here: install its -dbgsym/-dbg package, or give --debuginfod, or --symbols=DIR" \
	"$(grep '^note: stripped' out)"
"$leak" report -v --kinds=all "$image" | grep -q '^note: stripped has no symbols here (build-id [0-9a-f]*): install' ||
	fail "no build-id with -v"

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
