#!/bin/bash
# The core of a crash without the recorder tells each thread's stack, the one that crashed first.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/core.inc"

need gcc jq
cat >p.c <<'END'
#include <pthread.h>
#include <unistd.h>
static pthread_barrier_t barrier;
static void *sleeper(void *arg)
{
	pthread_barrier_wait(&barrier);
	for (;;) pause();
	return arg;
}
static void touch(volatile int *place)
{
	*place = 1;
}
static void *crasher(void *arg)
{
	usleep(100000);
	touch(arg);
	return arg;
}
int main(void)
{
	pthread_t threads[3];
	pthread_barrier_init(&barrier, NULL, 3);
	pthread_create(&threads[0], NULL, sleeper, NULL);
	pthread_create(&threads[1], NULL, sleeper, NULL);
	pthread_barrier_wait(&barrier);
	pthread_create(&threads[2], NULL, crasher, (void *)0x18);
	pthread_join(threads[2], NULL);
	return 0;
}
END
gcc -g -O0 -o p p.c -lpthread || fail "cannot compile"
crash "$PWD/p"
core_report "$core"
expect_eq "processes, recorded" "1 false" "$(field '"\(.processes | length) \(.processes[0].recorded)"')"
expect_eq "state" "crashed 11 24" "$(field '.processes[0] | "\(.state) \(.signal) \(.fault_address)"')"
expect_eq "totals" null "$(field '.processes[0].totals')"
expect_eq "threads" 4 "$(field '.processes[0].threads_at_end | length')"
expect_eq "signals" "11 null null null" "$(field '[.processes[0].threads_at_end[].signal] | map(tostring) | join(" ")')"
expect_eq "stack of the crash" "touch:12 crasher:17" "$(stack 0)"
expect_eq "own stacks of the others" "main:28 sleeper:7 sleeper:7" \
	"$(for i in 1 2 3; do stack $i; done | sed 's/main:2[89]/main:28/' | sort | tr '\n' ' ' | sed 's/ $//')"
expect_eq "complete stacks" "true true true true" \
	"$(field '[.processes[0].threads_at_end[].stack_complete] | map(tostring) | join(" ")')"
expect_eq "what lies there" "a null pointer and 24 bytes more" "$(field '.processes[0].core_file.fault_place')"

"$leak" report "$core" >"$work/report.txt" 2>"$work/report.err"
expect_eq "status of the report for people" 3 $?
in_text '^VERDICT  this process was not recorded by libleak: call sites are not known; here is what the core tells; killed by signal 11 \(SIGSEGV\) in touch \(p\.c:12\)$' \
	'^process  .*/p \[[0-9]+\] was killed by signal 11 \(SIGSEGV\) at address 0x18$' \
	'^address 0x18: a null pointer and 24 bytes more$' \
	'^threads when it died: 4$' \
	'^thread [0-9]+, took signal 11 \(SIGSEGV\)$' \
	'^2 threads: [0-9]+, [0-9]+$' \
	'^  > touch +p\.c:12  p$' \
	'^memory map: ' '^heap of glibc.s malloc: ' \
	'^not known: where the blocks in use were allocated' 'leak run -- COMMAND .* LD_PRELOAD=libleak\.so'
grep -q "^leak: $core: .*was not recorded" "$work/report.err" || fail "said: $(cat "$work/report.err")"
exit 0
