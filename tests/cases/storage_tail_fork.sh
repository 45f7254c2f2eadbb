#!/bin/bash
# Children are forked, also by a bare system call, while a part of the image is in memory: none of them touches it.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/parts/small_disk.inc"
need gcc jq unshare mountpoint
own_mounts

cat >p.c <<'END'
#define _GNU_SOURCE
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
enum { BLOCKS = 120000 };
static void *blocks[BLOCKS];

static void be_a_child(int number)
{
	for (int i = 0; i < 1000; i++)
		free(malloc(24)), blocks[i] = malloc(24);
	for (int i = BLOCKS - 1000; i < BLOCKS; i++)
		free(blocks[i]);
	if (number % 2)
		exit(0);
	_exit(0);
}

int main(int argc, char **argv)
{
	int status;

	for (int i = 0; i < BLOCKS; i++)
		if (!(blocks[i] = malloc(24)))
			return 2;
	for (int number = 0; number < 8; number++) {
		long pid = number < 4 ? fork() : syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);

		if (pid == 0)
			be_a_child(number);
		if (pid < 0 || waitpid((pid_t)pid, &status, 0) < 0 || status)
			return 3;
	}
	for (int i = 0; i < BLOCKS; i += 2)
		free(blocks[i]);
	return argc > 1 && unlink(argv[1]) ? 4 : 7;
}
END
gcc -g -O0 -o forker p.c || fail "cannot compile"
small_disk 8m
head -c 7600k /dev/zero >"$work/disk/filler"
on_disk ./forker "$work/disk/filler"
rm -f /tmp/leak.forker.*.leak # the children's
expect_eq status 7 "$status"
read_image || fail "the image is not whole: $(cat "$work/report.err")"
expect_eq "the parent's" "60000 1440000 120000 60000 0" "$(field '.processes[0] |
	"\(.live.blocks) \(.live.bytes) \(.totals.allocs) \(.totals.frees) \(.not_recorded.dropped_events)"')"
