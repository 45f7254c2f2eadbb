#!/bin/bash
# A file system that writes to a new place each time is full, and the tables are stored into: no SIGBUS.
# pitfall: P25
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/parts/small_disk.inc"
need gcc jq unshare mountpoint mkfs.btrfs
own_mounts

cat >p.c <<'END'
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
static void *blocks[8000];
static char zeros[1 << 16];
int main(int argc, char **argv)
{
	int fd = open(argv[1], O_WRONLY | O_CREAT | O_TRUNC, 0600);

	(void)argc;
	for (int i = 0; i < 8000; i++)
		blocks[i] = malloc(24);
	syncfs(fd); /* from here on a store takes new room */
	for (int round = 0; round < 4; round++) {
		while (write(fd, zeros, sizeof zeros) > 0)
			;
		while (write(fd, zeros, 4096) > 0)
			;
		syncfs(fd);
	}
	for (int i = 0; i < 8000; i++)
		free(blocks[i]);
	for (int i = 0; i < 100; i++)
		blocks[i] = malloc(10);
	return 9;
}
END
gcc -g -O0 -o p p.c || fail "cannot compile"
truncate -s 150M "$work/image" && mkfs.btrfs -q "$work/image" >/dev/null 2>&1 || skip "mkfs.btrfs fails"
mkdir "$work/disk"
mount -o loop "$work/image" "$work/disk" 2>/dev/null || skip "no btrfs can be mounted here"
on_disk ./p "$work/disk/filler"
expect_eq "status" 9 "$status"
[ "$(stat -c %s "$work/disk/filler")" -gt 10000000 ] || fail "the disk was not filled"
[ -n "$image" ] || skip "no image: the recorder had to go on in memory, and there is no room now"
read_image || fail "the image is not whole: $(cat "$work/report.err")"
expect_eq "what is left" "100 1000" "$(field '.processes[0] | "\(.live.blocks) \(.live.bytes)"')"
echo "counted: image in ${image%/*}"
