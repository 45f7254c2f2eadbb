#!/bin/bash
# A sandbox answers the system calls by which an image grows with an error: it goes on in memory, or what is dropped is counted.
# pitfall: P30
. "$(dirname "$0")/../lib.sh"
need gcc jq

cat >p.c <<'END'
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static void *blocks[100000];

static int forbid(int argc, char **argv)
{
	static const struct { const char *name; unsigned number; } calls[] = {
		{"openat", SYS_openat}, {"mremap", SYS_mremap}, {"madvise", SYS_madvise},
		{"mmap", SYS_mmap}, {"prlimit", SYS_prlimit64}, {"stat", SYS_newfstatat}, {"fstat", SYS_fstat}};
	struct sock_filter rules[64] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr))};
	struct sock_fprog program = {.filter = rules};
	unsigned short n = 1;

	for (int i = 1; i < argc; i++)
		for (unsigned c = 0; c < sizeof(calls) / sizeof(calls[0]); c++)
			if (!strcmp(argv[i], calls[c].name)) {
				rules[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, calls[c].number, 0, 1);
				rules[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
			}
	rules[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	program.len = n;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

int main(int argc, char **argv)
{
	for (int i = 0; i < 1000; i++)
		blocks[i] = malloc(24);
	if (forbid(argc, argv))
		return 77;
	errno = 55;
	for (int i = 1000; i < 100000; i++)
		if (!(blocks[i] = malloc(24)))
			return 2;
	for (int i = 0; i < 100000; i += 2)
		free(blocks[i]);
	return errno == 55 ? 7 : 3;
}
END
gcc -g -O0 -o p p.c || fail "cannot compile"
run() { # FORBIDDEN…
	rm -f "$work"/images/*
	preloaded ./p "$@" >out 2>&1
	local status=$?
	[ $status != 77 ] || skip "no seccomp filter can be set here"
	expect_eq "status without $*" 7 $status
	expect_eq "output without $*" '' "$(cat out)"
	"$leak" report --format=json "$work"/images/* >"$work/report.json" 2>/dev/null
	read -r allocs dropped gone blocks < <(field '.processes[0] | "\(.totals.allocs) \(.not_recorded |
		"\(.dropped_events) \(.memory_only_image_bytes)") \(.live.blocks)"')
}
run nothing
expect_eq "all" "100000 0 0 50000" "$allocs $dropped $gone $blocks"
run mremap
expect_eq "all, where it is mapped anew" "100000 0 0 50000" "$allocs $dropped $gone $blocks"
run stat prlimit
expect_eq "all, without a look around" "100000 0 0 50000" "$allocs $dropped $gone $blocks"
for forbidden in "openat mremap" "madvise" "openat mremap madvise prlimit stat fstat"; do
	# shellcheck disable=SC2086
	run $forbidden
	expect_eq "without $forbidden" "100000 0" "$allocs $dropped"
	# Where files can be opened, what is in memory is written out at the end.
	case $forbidden in
	madvise) expect_eq "without $forbidden" "0 50000" "$gone $blocks" ;;
	*) [ "$gone" -gt 100000 ] || fail "without $forbidden nothing is missing" ;;
	esac
done
run mremap mmap openat
[ "$dropped" -gt 10000 ] || fail "without mremap, mmap and openat nothing is dropped"
expect_eq "recorded or counted" 100000 $((allocs + dropped))
