#!/bin/bash
# RLIMIT_AS of five sizes: the program gets what it gets without, and what the tables have no room for is counted.
# timeout: 300
# pitfall: P27 F17
. "$(dirname "$0")/../lib.sh"
need gcc jq

# The recorder takes up to an eighth, and a few megabytes to begin with; this leaves it that.
cat >p.c <<'END'
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
struct block {
	struct block *next;
	char fill[16];
};
int main(int argc, char **argv)
{
	int mib = atoi(argv[1]), count = mib * atoi(argv[2]), failed = 0;
	struct rlimit limit = {(rlim_t)mib << 20, (rlim_t)mib << 20};
	struct block *last = NULL, *block;

	if (argc > 3 && setrlimit(RLIMIT_AS, &limit))
		return 2;
	errno = 0;
	for (int i = 0; i < count; i++) {
		if (!(block = malloc(sizeof(*block)))) {
			failed++;
			continue;
		}
		block->next = last;
		last = block;
	}
	while (last && (block = last->next)) {
		last->next = block->next;
		free(block);
		last = last->next;
	}
	printf("%d failed, errno %d\n", failed, errno);
	return 8;
}
END
gcc -g -O0 -o p p.c || fail "cannot compile"
go() { # MIB BLOCKS_PER_MIB [later]
	[ $# = 3 ] || ulimit -v $(($1 * 1024))
	[ "$how" = bare ] && exec ./p "$@"
	preloaded ./p "$@"
}
run() { # MIB BLOCKS_PER_MIB [later]
	rm -f "$work"/images/*
	for how in bare recorded; do
		(go "$@") >"$how.out" 2>&1
		echo "status $?" >>"$how.out"
	done
	expect_eq "bare with $*" "0 failed, errno 0 status 8" "$(paste -sd' ' bare.out)"
	cmp bare.out recorded.out || fail "with $*: $(cat recorded.out)"
	report
	# Every event is there or counted: stdout's buffer is one more block. The free of a block whose
	# allocation was dropped is one of a block never seen.
	read -r allocs frees dropped unknown < <(field '.processes[0] |
		"\(.totals.allocs) \(.totals.frees) \(.not_recorded | "\(.dropped_events) \(.unknown_frees)")"')
	expect_eq "allocations with $*" $(($1 * $2 + 1)) $((allocs + dropped))
	expect_eq "frees with $*" $(($1 * $2 / 2)) $((frees + unknown))
	expect_eq "live with $*" $((allocs - frees)) "$(field '.processes[0].live.blocks')"
	echo "$*: $dropped dropped"
}
for mib in 24 48 64 96 128; do
	run $mib 4000
	expect_eq "dropped with $mib MiB" 0 "$dropped"
done
for mib in 64 96 128; do
	run $mib 19000
	[ "$dropped" -gt 0 ] || fail "the tables should not fit into an eighth of $mib MiB"
	run $mib 19000 later
	[ "$dropped" -gt 0 ] || fail "the tables should not fit into an eighth of $mib MiB"
done
