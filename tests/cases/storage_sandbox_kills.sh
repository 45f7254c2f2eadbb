#!/bin/bash
# A sandbox of the program's own kills for what it does not expect: the image grows by what malloc itself asks for, or what is dropped is counted; the end is as silent.
# pitfall: P30
. "$(dirname "$0")/../lib.sh"
need gcc jq

cat >p.c <<'END'
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "preload/leak.h"

#define BLOCKS 100000
static void *blocks[BLOCKS];
static const char *how = "";

static int is(const char *this)
{
	return !strcmp(how, this);
}

/* As programs with a list of what they need: what malloc asks for, and little else. */
static const unsigned allowed[] = {SYS_brk, SYS_mmap, SYS_munmap, SYS_mremap, SYS_madvise,
	SYS_mprotect, SYS_rt_sigprocmask, SYS_futex, SYS_sched_yield, SYS_getpid, SYS_write, SYS_exit_group,
	/* and threads */
	SYS_clone3, SYS_clone, SYS_set_robust_list, SYS_rseq, SYS_rt_sigaction, SYS_gettid, SYS_exit,
	/* and children */
	SYS_wait4, SYS_execve};
#define ALLOWED (sizeof(allowed) / sizeof(allowed[0]))

static int confine(void)
{
	struct sock_filter rules[2 * ALLOWED + 6] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr))};
	struct sock_fprog program = {.filter = rules};
	unsigned short n = 1;

	if (is("einval")) { /* as OpenSSH's answers an advice that it does not know */
		rules[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_madvise, 0, 1);
		rules[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EINVAL);
	}
	for (unsigned i = 0; i < ALLOWED; i++) {
		rules[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, allowed[i], 0, 1);
		rules[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	}
	rules[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
	program.len = n;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	       syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
}

static void *allocate(void *nothing)
{
	return malloc(48);
}

static void *enter_strict(void *nothing)
{
	prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT);
	syscall(SYS_exit, 0);
	return nothing;
}

/* A new stack for each number. */
static void right(unsigned bits, int depth, int i);

static __attribute__((noinline)) void left(unsigned bits, int depth, int i)
{
	if (depth == 0)
		blocks[i] = malloc(24);
	else if (bits & 1)
		right(bits >> 1, depth - 1, i);
	else
		left(bits >> 1, depth - 1, i);
	__asm__ volatile("");
}

static __attribute__((noinline)) void right(unsigned bits, int depth, int i)
{
	left(bits, depth, i);
	__asm__ volatile("");
}

int main(int argc, char **argv)
{
	struct rlimit tight = {300 << 20, RLIM_INFINITY};
	pthread_t thread;
	pid_t child;
	int status, strict;

	how = argv[1];
	strict = is("strict") || is("stacks");
	free(malloc(100 << 20)); /* the heap keeps it */
	if (is("fork")) {
		child = fork();
		if (child) {
			waitpid(child, &status, 0);
			return !WIFEXITED(status) || WEXITSTATUS(status);
		}
	}
	if (is("thread strict")) {
		pthread_create(&thread, NULL, enter_strict, NULL);
		pthread_join(thread, NULL);
	} else if (is("vfork strict")) {
		child = vfork();
		if (child == 0)
			enter_strict(NULL);
		waitpid(child, &status, 0);
	} else {
		if (is("no addresses"))
			setrlimit(RLIMIT_AS, &tight);
		if (strict ? prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) : confine())
			_exit(77);
	}
	if (is("child") && (child = fork()) == 0) {
		for (int i = 0; i < 100; i++)
			blocks[i] = malloc(77);
		syscall(SYS_exit_group, 2);
	}
	if (is("child") && (waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 2))
		return 5;
	if (is("exec"))
		execl("/nonexistent", "nonexistent", NULL);
	if (is("since")) {
		struct leak_since since;

		if (leak_check_since(leak_mark("begin"), &since) != -1)
			return 6;
	}
	if (is("no addresses"))
		while (mmap(NULL, 1 << 20, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED)
			;
	for (int i = 0; i < BLOCKS; i++) {
		if (is("stacks"))
			left((unsigned)i, 16, i);
		else
			blocks[i] = malloc(24);
		if (!blocks[i])
			syscall(SYS_exit, 2);
	}
	if (write(1, "alive\n", 6) != 6)
		syscall(SYS_exit, 3);
	/* Events for three seconds. */
	for (long end = time(NULL) + 3; is("ask") && time(NULL) < end;)
		free(malloc(10));
	if (is("exit"))
		return pthread_create(&thread, NULL, allocate, NULL) || pthread_join(thread, NULL);
	syscall(strict ? SYS_exit : SYS_exit_group, 0);
	return 4;
}
END
gcc -g -O0 -pthread -I"$root" -o p p.c || fail "cannot compile"
export GLIBC_TUNABLES=glibc.malloc.mmap_threshold=2000000000:glibc.malloc.trim_threshold=2000000000:glibc.malloc.arena_max=1
# run HOW: sets $allocs and $dropped, of all processes.
run() {
	rm -f "$work"/images/*
	preloaded ./p "$1" >out 2>&1
	local status=$?
	[ $status != 77 ] || skip "no seccomp filter can be set here"
	expect_eq "status with $1" 0 $status
	expect_eq "output with $1" alive "$(cat out)"
	"$leak" report --format=json "$work"/images/* >"$work/report.json" 2>/dev/null
	read -r allocs dropped < <(field '[.processes[] | .totals.allocs, .not_recorded.dropped_events] |
		"\([.[range(0; length; 2)]] | add) \([.[range(1; length; 2)]] | add)"')
}
run filter
expect_eq "recorded and dropped with a filter" "100001 0" "$allocs $dropped"
run exit
expect_eq "dropped to the end, with a thread" 0 "$dropped"
[ "$allocs" -gt 100001 ] || fail "the thread's block is not recorded"
expect_eq "state" clean "$(field '.processes[0].state')"
run_leak report "$work"/images/* | grep -q "not known.*sandbox" || fail "no reason is given: $(run_leak report "$work"/images/*)"
run fork
expect_eq "recorded and dropped in a child" "100001 0" "$allocs $dropped"
run "no addresses"
expect_eq "recorded or counted without addresses" 100001 $((allocs + dropped))
[ "$dropped" -gt 10000 ] || fail "nothing is dropped without addresses, so nothing was tried"
run child
expect_eq "recorded and dropped beside a child" "100001 0" "$allocs $dropped"
expect_eq "children that are not recorded" 1 "$(field '.processes[0].not_recorded.sandboxed_children')"
run exec
expect_eq "recorded and dropped after an exec that failed" "100001 0" "$allocs $dropped"
run since
for option in summary=1 limit=90%; do
	LEAK_OPTIONS="output=$work/option.leak,$option" LD_PRELOAD=$lib ./p exit >out 2>&1
	expect_eq "status with $option" 0 $?
	expect_eq "output with $option" alive "$(cat out)"
done
# Who asks for a check is told why there is none.
"$leak" run -q -o asked.leak -- ./p ask >out 2>&1 &
process=$!
until grep -q alive out; do sleep 0.05; done
"$leak" snap asked.leak -o snap.leak >snap.out 2>&1
expect_eq "status of leak snap" 0 $?
grep -q "entered a sandbox, which may kill for it" snap.out || fail "leak snap: $(cat snap.out)"
wait $process
expect_eq "status of who was asked" 0 $?
run einval
expect_eq "dropped where populating is not known" 0 "$dropped"
for strict in strict stacks; do
	run $strict
	expect_eq "recorded or counted in strict mode, $strict" "1 100000" "$allocs $dropped"
done
run "thread strict"
expect_eq "dropped beside a strict thread" 0 "$dropped"
run "vfork strict"
expect_eq "recorded and dropped after a strict child" "100001 0" "$allocs $dropped"
