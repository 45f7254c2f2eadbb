#!/bin/bash
# Without the system calls of Linux 5.1 and later: the image is a file that survives kill -9 and a full disk, classes and commands work.
# timeout: 300
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/parts/small_disk.inc"
need gcc jq unshare mountpoint
own_mounts

gcc -O1 -o old_kernel "$tests/cases/parts/old_kernel.c" || fail "cannot compile"
gcc -g -O0 -pthread -o p "$tests/cases/parts/grow_tables.c" || fail "cannot compile"
./old_kernel true || skip "no seccomp filter can be set here"
./p >bare
expected=

# The same as on this kernel, and in the file.
amounts='.processes[0] | "\(.totals.allocs) \(.totals.frees) \(.live.blocks) \(.live.bytes)
	\(.not_recorded.dropped_events) \(.not_recorded.memory_only_image_bytes)"'
small_disk 16m
for way in '' threads kill noexec; do
	for kernel in this old; do
		LAUNCH=()
		[ $kernel = this ] || LAUNCH=(./old_kernel)
		# shellcheck disable=SC2086
		on_disk ./p $way
		[ "$way" = kill ] && expect_eq "status of p kill" 137 "$status" || expect_eq "status of p $way" 7 "$status"
		read_image || fail "p $way: the image is not whole"
		seen=$(field "$amounts" | xargs)
		expect_eq "p $way on $kernel kernel" "${expected:-$seen}" "$seen"
		expected=$seen
		rm -f "$image"
	done
	expected=
done
LAUNCH=(./old_kernel)

# A full disk at some points: the program is not disturbed, and what the file lacks is told.
lacking=0
for point in {1..12}; do
	small_disk $((point * 236))k
	on_disk ./p
	expect_eq "status at point $point" 7 "$status"
	cmp bare out || fail "stdout differs at point $point"
	[ -n "$image" ] || fail "no image at point $point"
	if ! read_image; then
		lacking=$((lacking + 1))
		[ "$(field '.processes[0].not_recorded.memory_only_image_bytes')" -gt 0 ] ||
			fail "point $point: what is missing is not told: $(field -c '.processes[0].not_recorded')"
	fi
	expect_eq "dropped events at point $point" 0 "$(field '.processes[0].not_recorded.dropped_events')"
	rm -f "$image"
done
[ $lacking -ge 3 ] && [ $lacking -le 11 ] || fail "images that lack something: $lacking of 12"

# Classes: a pointer in a page of a shared file that is in no page table.
cat >shared.c <<'END'
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include "far.h"
static void **shared, *volatile lost;
static void work(void)
{
	shared[100] = malloc(77);
	lost = malloc(55);
	lost = NULL;
}
int main(void)
{
	int fd = open("data", O_RDWR | O_CREAT, 0600);
	if (ftruncate(fd, 65536)) return 1;
	shared = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	far_below(work);
	madvise(shared, 65536, MADV_DONTNEED); /* stays in the page cache */
	return ftruncate(fd, 4096); /* and behind its end reading is a SIGBUS */
}
END
gcc -g -O0 -I"$tests/classes/parts" -o shared shared.c || fail "cannot compile"
rm -f "$work"/images/*
./old_kernel env LD_PRELOAD="$lib" LEAK_OPTIONS="output=$work/images/shared.leak" ./shared
expect_eq "status of shared" 0 $?
report
expect_eq "classes" "definite 55,reachable 77" "$(field '[.sites[] | select(.kind == "heap" and (.frames | any(.function == "work")))
	| "\(.class) \(.bytes)"] | sort | join(",")')"

# The commands themselves.
for command in "run -o run.leak -- ./p" "run --limit=90% -o run2.leak -- ./p" "ci -- ./p" "doctor ./p"; do
	# shellcheck disable=SC2086
	"$leak" $command >here 2>&1
	status_here=$?
	rm -f run.leak run2.leak
	# shellcheck disable=SC2086
	./old_kernel "$leak" $command >there 2>&1
	status_there=$?
	expect_eq "status of leak $command ($(head -n 3 there))" $status_here $status_there
done
OPTIONS='' image=$work/images/p.leak
./old_kernel env LD_PRELOAD="$lib" LEAK_OPTIONS="output=$image" ./p wait >/dev/null &
pid=$!
wait_for 20 eval '[ "$("$leak" report --json "$image" 2>/dev/null | jq ".processes[0].totals.allocs")" = 240000 ]' ||
	fail "p wait does not get to its end"
./old_kernel "$leak" snap "$image" -o snap.leak >out 2>&1 || fail "leak snap: $(cat out)"
kill -9 $pid
wait $pid 2>/dev/null
expect_eq "blocks in the snapshot" 160000 "$("$leak" report --json snap.leak 2>/dev/null | jq '.processes[0].live.blocks')"
echo "counted: $lacking of 12 images say what they lack"
