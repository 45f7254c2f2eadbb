#!/bin/bash
# A program goes into an empty root directory, drops its user and closes all descriptors: all is recorded, and nothing is left in that directory.
# pitfall: P32
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/parts/small_disk.inc"
need gcc jq unshare mountpoint
own_mounts

cat >p.c <<'END'
#define _GNU_SOURCE
#include <fcntl.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
static void *blocks[100000];
int main(int argc, char **argv)
{
	int out;

	for (int i = 0; i < 1000; i++)
		blocks[i] = malloc(24);
	if (argc > 1 && chroot(argv[1]))
		return 2;
	if (chdir("/"))
		return 3;
	/* In a user namespace of one user there is no other to become. */
	setgroups(0, NULL);
	if (geteuid() == 0 && setresuid(65534, 65534, 65534) == 0 && setuid(0) == 0)
		return 4;
	out = dup(1);
	closefrom(out + 1);
	close(0);
	close(2);
	for (int i = 1000; i < 100000; i++)
		if (!(blocks[i] = malloc(24)))
			return 5;
	for (int i = 0; i < 100000; i += 2)
		free(blocks[i]);
	return write(out, "done\n", 5) == 5 ? 6 : 7;
}
END
gcc -g -O0 -o p p.c || fail "cannot compile"
mkdir "$work/root"
chmod 755 "$work" "$work/run"
chmod 777 "$work/root"
./p "$work/root" >bare
expect_eq "status of the bare run" 6 $?

run() { # DISK WHOLE
	small_disk "$1"
	OPTIONS=summary=1 on_disk ./p "$work/root"
	expect_eq "status on a disk of $1" 6 "$status"
	cmp bare out || fail "stdout differs on a disk of $1"
	expect_eq "in the empty directory" '' "$(ls -A "$work/root")"
	[ -n "$image" ] || return
	read_image
	expect_eq "whole on a disk of $1 (0: yes)" "$2" $?
	expect_eq "dropped" 0 "$(field '.processes[0].not_recorded.dropped_events')"
	[ "$2" = 1 ] || expect_eq "left" "50000 1200000 clean" "$(field '.processes[0] | "\(.live.blocks) \(.live.bytes) \(.state)"')"
}
run 16m 0
run 500k 1
# Nowhere a file at first: in memory, which cannot be written out from there.
OPTIONS=output=/proc/nowhere/p.leak
run 16m 0
