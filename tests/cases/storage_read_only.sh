#!/bin/bash
# Neither the image's directory nor /tmp can be written: one sentence, the program is not disturbed, a kill leaves nothing.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/parts/small_disk.inc"
need gcc jq unshare mountpoint
own_mounts

gcc -g -O0 -pthread -o p "$tests/cases/parts/grow_tables.c" || fail "cannot compile"
./p >bare
# All that is in use stays where it is; /tmp itself cannot be written any more.
mount --bind "$work" /mnt 2>/dev/null || skip "/mnt cannot be mounted over here"
cd /mnt/run || fail "no /mnt/run"
# What is tested may lie below /tmp itself.
cp "$lib" "$leak" /mnt || fail "cannot copy what is tested"
lib=/mnt/libleak.so leak=/mnt/leak
work=/mnt
mount -t tmpfs -o ro tmpfs /tmp || fail "cannot mount over /tmp"
small_disk 16m
mount -o remount,ro "$work/disk" || fail "cannot make the disk read-only"
trap 'cd /; umount /tmp; umount /mnt/disk; rm -rf /mnt/run /mnt/images' EXIT

for arguments in '' threads noexec kill; do
	on_disk ./p $arguments
	case $arguments in
	kill) expect_eq "status with kill" 137 "$status" ;;
	*) expect_eq "status with '$arguments'" 7 "$status" ;;
	esac
	cmp bare out || fail "stdout differs with '$arguments'"
	expect_eq "lines on stderr with '$arguments'" 1 "$(wc -l <err)"
	grep -q "^libleak: cannot create .*p.leak: read-only file system, nor in /tmp; recording in memory only" err ||
		fail "the sentence: $(cat err)"
	expect_eq "image with '$arguments'" '' "$image"
done

# It can be written at the end: there it is.
cat >p.c <<'END'
#include <stdlib.h>
#include <sys/mount.h>
static void *volatile block;
int main(int argc, char **argv)
{
	for (int i = 0; i < 1000; i++)
		block = malloc(10);
	return argc == 2 && mount("none", argv[1], NULL, MS_REMOUNT, NULL) ? 1 : 7;
}
END
gcc -g -O0 -o p p.c || fail "cannot compile"
on_disk ./p "$work/disk"
expect_eq "status of the program that makes the disk writable" 7 "$status"
expect_eq "image" "$work/disk/p.leak" "$image"
read_image || fail "it is not whole"
expect_eq "left" "1000 10000" "$(field '.processes[0] | "\(.live.blocks) \(.live.bytes)"')"
