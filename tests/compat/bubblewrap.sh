#!/bin/bash
# bubblewrap: programs in namespaces of their own, without /proc, without the network, without capabilities, under a filter.
# pitfall: P18 P30 P32
# timeout: 300
. "$(dirname "$0")/../lib.sh"
need bwrap perl
bwrap --ro-bind / / --unshare-all true 2>/dev/null || skip 'no namespaces for bwrap here'
program bubblewrap bwrap --version

scenario() {
	local rounds=$1 loose=(--dev-bind / /)
	for ((; rounds > 0; rounds--)); do
		bwrap "${loose[@]}" --unshare-all perl -e 'my @a = map { "x" x $_ } 1 .. 2000; print scalar(@a), "\n"; exit 3'
		echo "all $?"
		bwrap "${loose[@]}" --unshare-pid --proc /proc perl -e 'my $p = fork; if (!$p) { exit 4 } waitpid $p, 0; print "$$ $p ", $? >> 8, "\n"'
		echo "pid $?"
		bwrap "${loose[@]}" --tmpfs /proc perl -e '$| = 1; my @a = map { "x" x $_ } 1 .. 2000; print scalar(@a), "\n"; kill 9, $$'
		echo "no proc $?"
		bwrap --ro-bind / / --bind "$work" "$work" --dev /dev --unshare-user --uid 1000 --cap-drop ALL sh -c 'id -u; echo $(seq 1 100 | tail -1)'
		echo "user $?"
		bwrap --ro-bind /usr /usr --symlink usr/lib /lib --symlink usr/lib64 /lib64 --symlink usr/bin /bin --dir /tmp \
			--die-with-parent sh -c 'ls / | tr "\n" " "; exit 9' 2>volatile.volatile
		echo "little $?"
		bwrap "${loose[@]}" nosuchprogram
		echo "none $?"
	done
}
same scenario "$(by_length 1 30)"

# A process that ends without /proc cannot be checked, which is said.
rm -f "$work"/images/*
preloaded bwrap --dev-bind / / --tmpfs /proc perl -e 'exit 3' 2>/dev/null
expect_eq 'status of a program without /proc' 3 $?
report
expect_eq 'without /proc' 'clean 1' \
	"$(field '.processes[] | select(.exe | endswith("/perl")) | "\(.state) \(.not_recorded.failed_checks)"')"
