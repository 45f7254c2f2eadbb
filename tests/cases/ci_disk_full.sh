#!/bin/bash
# leak ci whose TMPDIR has no room: what the recorder makes in /tmp instead is judged and removed; where there is no room either, that is the reason.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/parts/small_disk.inc"
need gcc jq unshare mountpoint
own_mounts

cat >p.c <<'END_OF_C'
#include "lose.h"
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
int main(int count, char **arguments)
{
	const char *what = count > 1 ? arguments[1] : "";
	if (strcmp(what, "fork") == 0 && fork() > 0)
		return wait(NULL) < 0;
	if (what[0])
		lose(64), clear();
	if (strcmp(what, "kill") == 0)
		raise(SIGKILL);
	return 0;
}
END_OF_C
gcc -g -I"$tests/cases/parts" -I"$tests/classes/parts" -o p p.c || fail "cannot compile"
left_in_tmp() {
	grep -las "leak-ci\\.\\|$work/disk" /tmp/leak.p.*.leak /tmp/leak.sh.*.leak /tmp/leak.dash.*.leak
}
before=$(left_in_tmp)
ci() { # leak ci ARGUMENTS, with its images on the disk; $status
	TMPDIR=$work/disk "$leak" ci "$@" >out 2>err
	status=$?
}

for full in '' yes; do
	small_disk 128k
	[ -z "$full" ] || fill_disk
	ci --json -o "$work/report.json" -- ./p leak
	expect_eq "status of one that loses $full ($(cat err))" 23 $status
	expect_eq "what it loses $full" '64 []' "$(field '"\([.sites[] | select(.class == "definite") | .bytes] | add) \(.gate.not_measured)"')"
	# Some have room for their images, or none; the rest are in /tmp.
	ci --strict --json -o "$work/report.json" -- sh -c './p; ./p leak; ./p; ./p leak; ./p fork; ./p; ./p'
	expect_eq "status of several $full ($(cat err))" 23 $status
	expect_eq "what they lose $full" 192 "$(field '[.sites[] | select(.class == "definite" and any(.frames[]; .function == "lose")) | .bytes] | add')"
	expect_eq "their processes $full" 8 "$(field '[.processes[] | select(.exe | endswith("/p"))] | length')"
	ci -- ./p
	expect_eq "status of one that loses nothing $full ($(cat err))" 0 $status
	grep -q '1 process judged' err || fail "it was not judged: $(cat err)"
	ci --json -o "$work/report.json" -- ./p kill
	expect_eq "status of one that is killed $full" 137 $status
	expect_eq "its signal $full" 9 "$(field '.processes[0].signal')"
	expect_eq "what is left in /tmp $full" "$before" "$(left_in_tmp)"
	expect_eq "what is left on the disk $full" '' "$(find "$work/disk" -mindepth 1 ! -name filler)"
	ci --strict -- ./p
	expect_eq "status with --strict $full" "$([ "$full" ] && echo 3 || echo 0)" $status
done
grep -q "/leak-ci\..*: is full: programs that were not measured may not all be known" err || fail "words: $(cat err)"

# An image has the first 255 bytes of LEAK_OPTIONS: with long ones, or a long TMPDIR, it is found all the same.
small_disk 128k
fill_disk
long=$(printf '%240s' '' | tr ' ' x)
many=depth=100$(printf ':depth=%d' {101..150})
LEAK_OPTIONS=$many ci -- ./p leak
expect_eq "status with long options ($(cat err))" 23 $status
expect_eq "what is left in /tmp with long options" "$before" "$(left_in_tmp)"
rm "$work/disk/filler" && mkdir "$work/disk/$long" && fill_disk
TMPDIR=$work/disk/$long "$leak" ci -- ./p leak >out 2>err
status=$?
expect_eq "status in a directory with a long name ($(cat err))" 23 $status
expect_eq "what is left in /tmp of it" "$before" "$(left_in_tmp)"

# Images that are to be kept are judged where they are, and stay.
small_disk 128k
fill_disk
ci --images="$work/disk/kept" -- ./p leak
expect_eq "status with --images ($(cat err))" 23 $status
kept=$(sed -n 's/.*recording to \(\/tmp\/leak\.p\.[0-9.]*\.leak\).*/\1/p' err)
[ -f "$kept" ] || fail "it is gone: $(cat err)"
rm -f "$kept"

# Nor in /tmp: no image.
[[ $root != /tmp* && $leak != /tmp* ]] || skip "this is in /tmp itself"
mkdir "$work/disk/none" 2>/dev/null
small_disk 8m
cp p "$work/disk"
(
	exec 3>inner
	cd "$work/disk" && unshare -m bash -c '
		mkdir own && mount -t tmpfs -o size=32k tmpfs own && mount --rbind . /mnt && cd /mnt &&
		mount -t tmpfs -o size=64k tmpfs /tmp || exit 77
		cat /dev/zero >/tmp/filler 2>/dev/null
		TMPDIR=/mnt/own "$0" ci -- ./p leak 2>&1; echo "status $?"
		TMPDIR=/mnt/own "$0" ci -- sh -c "true" 2>&1; echo "status $?"' "$leak" >&3
) || skip "no file system can be mounted on /tmp"
grep -q '^not measured: .*/p \[[0-9]*\] left no recording: there is no room where the images are made$' inner || fail "words: $(cat inner)"
expect_eq "status where nothing is measured" 'status 3' "$(grep -m1 '^status' inner)"
exit 0
