#!/bin/bash
# Stacks in a core: through a null pointer's call, a signal handler, a full stack, abort, a bad address.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/core.inc"

need gcc jq
cat >p.c <<'END'
#include <signal.h>
#include <stdlib.h>
#include <string.h>
static void (*volatile nothing)(void);
static void call(void)
{
	nothing();
	nothing();
}
static int deeper(int n)
{
	volatile char room[200];
	memset((char *)room, n, sizeof(room));
	return deeper(n + 1) + room[0];
}
static void handler(int signal)
{
	*(volatile int *)8 = signal;
}
static void interrupted(void)
{
	raise(SIGUSR1);
}
int main(int count, char **arguments)
{
	const char *how = arguments[count - 1];
	if (strcmp(how, "null") == 0) call();
	if (strcmp(how, "full") == 0) return deeper(1);
	if (strcmp(how, "abort") == 0) abort();
	if (strcmp(how, "wild") == 0) return *(volatile int *)0x0000600000000000;
	if (strcmp(how, "noaddress") == 0) return *(volatile int *)0x4141414141414141;
	if (strcmp(how, "constant") == 0) *(volatile char *)"text" = 1;
	signal(SIGUSR1, handler);
	interrupted();
	return 0;
}
END
gcc -g -O0 -w -o p p.c || fail "cannot compile"

see() { # HOW STACK WHAT_LIES_THERE
	crash "$PWD/p" "$1"
	core_report "$core"
	expect_eq "$1: stack" "$2" "$(stack 0)"
	field '.processes[0].core_file.fault_place' | grep -qxE "$3" ||
		fail "$1: what lies there: $(field '.processes[0].core_file.fault_place')"
	expect_eq "$1: complete" true "$(field '.processes[0].threads_at_end[0].stack_complete')"
}

see null 'call:7 main:27' 'a null pointer'
expect_eq "null: innermost" "null null 0" "$(field '.processes[0].threads_at_end[0].frames[0] | "\(.function) \(.module) \(.offset)"')"
see handler 'handler:18 interrupted:22 main:34' 'a null pointer and 8 bytes more'
see abort 'main:29' null
expect_eq "abort: signal" 6 "$(field '.processes[0].signal')"
see wild 'main:30' 'not mapped, .* (before|behind) .*'
see noaddress 'main:31' 'not told: one that no memory can have, .*'
expect_eq "no address: address" null "$(field '.processes[0].fault_address')"
see constant 'main:32' 'in .*/p, which may only be read'

ulimit -s 256
crash "$PWD/p" full
core_report "$core"
frames=$(field '.processes[0].threads_at_end[0].frames | length')
[ "$frames" -gt 500 ] || fail "full: only $frames frames of 256 KiB of stack"
stack 0 | grep -qE '^(memset:[0-9]+ )?deeper:1[0-4]( deeper:14)* main:28$' || fail "full: stack: $(stack 0 | cut -c1-100)"
field '.processes[0].core_file.fault_place' | grep -qE "^[0-9,]+ bytes below the main thread's stack: that stack is full$" ||
	fail "full: what lies there: $(field '.processes[0].core_file.fault_place')"
exit 0
