#!/bin/bash
# A sandbox of the program's own kills for what it does not expect: the image grows by what malloc itself asks for, or what is dropped is counted; the end is as silent.
# pitfall: P30
. "$(dirname "$0")/../lib.sh"
need gcc jq

cat >p.c <<'END'
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define BLOCKS 100000
static void *blocks[BLOCKS];

/* As programs with a list of what they need: what malloc asks for, and little else. */
static const unsigned allowed[] = {SYS_brk, SYS_mmap, SYS_munmap, SYS_mremap, SYS_madvise,
	SYS_mprotect, SYS_rt_sigprocmask, SYS_futex, SYS_sched_yield, SYS_getpid, SYS_write, SYS_exit_group,
	/* and threads */
	SYS_clone3, SYS_clone, SYS_set_robust_list, SYS_rseq, SYS_rt_sigaction, SYS_gettid, SYS_exit};
#define ALLOWED (sizeof(allowed) / sizeof(allowed[0]))

static int confine(void)
{
	struct sock_filter rules[2 * ALLOWED + 2] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr))};
	struct sock_fprog program = {.filter = rules};

	for (unsigned i = 0; i < ALLOWED; i++) {
		rules[1 + 2 * i] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, allowed[i], 0, 1);
		rules[2 + 2 * i] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	}
	rules[1 + 2 * ALLOWED] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
	program.len = 2 + 2 * ALLOWED;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	       syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
}

static void *allocate(void *nothing)
{
	return malloc(48);
}

int main(int argc, char **argv)
{
	pthread_t thread;
	int strict = argc > 1 && !strcmp(argv[1], "strict");

	free(malloc(100 << 20)); /* the heap keeps it */
	if (strict ? prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) : confine())
		_exit(77);
	for (int i = 0; i < BLOCKS; i++)
		if (!(blocks[i] = malloc(24)))
			syscall(SYS_exit, 2);
	if (write(1, "alive\n", 6) != 6)
		syscall(SYS_exit, 3);
	if (argc > 1 && !strcmp(argv[1], "exit"))
		return pthread_create(&thread, NULL, allocate, NULL) || pthread_join(thread, NULL);
	syscall(strict ? SYS_exit : SYS_exit_group, 0);
	return 4;
}
END
gcc -g -O0 -pthread -o p p.c || fail "cannot compile"
export GLIBC_TUNABLES=glibc.malloc.mmap_threshold=2000000000:glibc.malloc.trim_threshold=2000000000:glibc.malloc.arena_max=1
run() { # HOW
	rm -f "$work"/images/*
	preloaded ./p "$1" >out 2>&1
	local status=$?
	[ $status != 77 ] || skip "no seccomp filter can be set here"
	expect_eq "status with $1" 0 $status
	expect_eq "output with $1" alive "$(cat out)"
	"$leak" report --format=json "$work"/images/* >"$work/report.json" 2>/dev/null
	read -r allocs dropped < <(field '.processes[0] | "\(.totals.allocs) \(.not_recorded.dropped_events)"')
}
run filter
expect_eq "recorded and dropped with a filter" "100001 0" "$allocs $dropped"
run exit
expect_eq "dropped to the end, with a thread" 0 "$dropped"
[ "$allocs" -gt 100001 ] || fail "the thread's block is not recorded"
expect_eq "state" clean "$(field '.processes[0].state')"
run_leak report "$work"/images/* | grep -q "not known.*sandbox" || fail "no reason is given: $(run_leak report "$work"/images/*)"
run strict
expect_eq "recorded or counted in strict mode" 100001 $((allocs + dropped))
[ "$dropped" -gt 10000 ] || fail "nothing is dropped in strict mode, so nothing was tried"
