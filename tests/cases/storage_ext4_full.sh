#!/bin/bash
# A disk with delayed allocation, whose last part is not for this user, fills up: as any full disk, and what was taken in vain is given back.
# timeout: 300
# pitfall: P25
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/parts/small_disk.inc"
need gcc jq unshare mountpoint setpriv mkfs.ext4
[ "$(id -u)" = 0 ] || skip "only root can mount a disk"
own_mounts

gcc -g -O0 -pthread -o p "$tests/cases/parts/grow_tables.c" || fail "cannot compile"
./p >bare
mkdir "$work/disk"
chmod 755 "$work" && chmod 777 "$work/run"
ext4_disk() { # KIB for everybody
	! mountpoint -q "$work/disk" || umount "$work/disk"
	rm -f "$work/device"
	truncate -s 16M "$work/device"
	mkfs.ext4 -q -m 20 -O ^has_journal "$work/device" >/dev/null 2>&1 || skip "mkfs.ext4 fails"
	mount -o loop "$work/device" "$work/disk" 2>/dev/null || skip "no loop device can be mounted here"
	rm -rf "$work/disk/lost+found"
	chmod 777 "$work/disk"
	local room
	room=$(df --output=avail "$work/disk" | tail -1)
	head -c $(((room - $1) * 1024)) /dev/zero >"$work/disk/filler"
	sync -f "$work/disk/filler"
}
LAUNCH=(setpriv --reuid 65534 --clear-groups)
lacking=0
for kib in 40 300 800 1200 1700 2200 2600 5000; do
	ext4_disk $kib
	[ $((kib % 3)) = 0 ] && arguments=() || arguments=(threads)
	on_disk ./p "${arguments[@]}"
	expect_eq "status with $kib KiB" 7 "$status"
	cmp bare out || fail "stdout differs with $kib KiB"
	[ -n "$image" ] || fail "no image with $kib KiB"
	read_image
	whole=$?
	expect_eq "dropped with $kib KiB" 0 "$(field '.processes[0].not_recorded.dropped_events')"
	if [ $whole = 0 ]; then
		expect_eq "with $kib KiB" 160000 "$(field '[.sites[] | select(any(.frames[]; .function == "make")) | .blocks] | add')"
	else
		lacking=$((lacking + 1))
		[ "$(field '.processes[0].not_recorded.memory_only_image_bytes')" -gt 0 ] || fail "with $kib KiB nothing is said to be missing"
	fi
	# Behind the part that is in the file there is nothing of ours.
	sync -f "$work/disk"
	[[ $image != $work/disk/* ]] || [ $(($(stat -c %b "$image") / 2)) -le $(($(stat -c %s "$image") / 1024 + 64)) ] ||
		fail "with $kib KiB the image takes more than it is long: $(stat "$image")"
done
[ $lacking -ge 3 ] || fail "images that lack something: $lacking"
echo "counted: $lacking of 8 images say what they lack"
