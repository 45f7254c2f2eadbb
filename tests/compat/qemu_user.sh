#!/bin/bash
# qemu-user: runs true, a program that allocates and one with threads; the recorder is in qemu, in the program, in both.
# timeout: 600
. "$(dirname "$0")/../lib.sh"
machine=$(uname -m)
qemu=qemu-$machine
need "$qemu" gcc
program qemu-user "$qemu" --version

gcc -g -O1 -pthread -o "$work/guest" "$tests/compat/parts/guest.c" || fail 'cannot compile'

# guest WHERE PROGRAM…: with the recorder, if there is one, in qemu, in the guest, in both.
guest() {
	# shellcheck disable=SC2031 # same sets it
	local preload=${LD_PRELOAD-} where=$1
	shift
	case $where in
	both) "$qemu" "$@" ;;
	qemu) "$qemu" -U LD_PRELOAD "$@" ;;
	guest) env -u LD_PRELOAD "$qemu" -E "${preload:+LD_PRELOAD=}${preload:-NOTHING=}" "$@" ;;
	esac
}

scenario() {
	local where=$1 rounds=$2 true
	true=$(type -P true)
	guest "$where" "$true" && guest "$where" /bin/echo words && guest "$where" "$work/guest" "$rounds"
	echo "guest $?"
	guest "$where" /bin/sh -c 'for i in 1 2 3; do (echo $i); done; kill -TERM $$'
}

in_both() {
	images | grep -q 'leak\.guest\.' || fail 'no image of the guest'
	images | grep -q 'leak\.qemu' || fail 'no image of qemu'
}
in_qemu() {
	images | grep -q 'leak\.qemu' || fail 'no image of qemu'
	images | grep 'leak\.guest\.' && fail 'an image of the guest'
	return 0
}
in_guest() {
	images | grep 'leak\.qemu' && fail 'an image of qemu'
	expect_eq 'blocks that the guest has lost' 100 \
		"$(field '[.processes[] | select(.exe | endswith("/guest")) | .classes.definite.blocks + .classes.possible.blocks] | add')"
}
STATUS=143
for where in both qemu guest; do
	CHECK=in_$where same scenario $where "$(by_length 2000 1000000)"
done
