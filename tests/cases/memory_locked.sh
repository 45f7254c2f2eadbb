#!/bin/bash
# mlockall makes all memory resident that is mapped, also what the recorder has only reserved: that is less than
# 8 MiB, at once and later. It is also the most that huge pages in sparse tables could take.
# pitfall: P28 P29 F19
. "$(dirname "$0")/../lib.sh"
need gcc jq

cat >p.c <<'END'
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

static void *volatile last;

static void *work(void *unused)
{
	for (int i = 0; i < 1000; i++)
		last = malloc(16);
	return unused;
}

static void print_resident(const char *when)
{
	static char line[256];
	FILE *file = fopen("/proc/self/status", "r");
	long kib = 0;
	while (fgets(line, sizeof line, file))
		sscanf(line, "VmRSS: %ld", &kib);
	fclose(file);
	printf("%s %ld\n", when, kib);
}

int main(void)
{
	pthread_t threads[8];
	static char stacks[8][65536] __attribute__((aligned(64)));

	last = malloc(10);
	print_resident("before");
	if (mlockall(MCL_CURRENT | MCL_FUTURE))
		return 77;
	print_resident("locked");
	for (int i = 0; i < 8; i++) {
		pthread_attr_t attributes;
		pthread_attr_init(&attributes);
		pthread_attr_setstack(&attributes, stacks[i], sizeof stacks[i]);
		if (pthread_create(&threads[i], &attributes, work, NULL))
			return 2;
	}
	for (int i = 0; i < 8; i++)
		pthread_join(threads[i], NULL);
	work(NULL);
	print_resident("later");
	return 0;
}
END
gcc -g -O0 -o p p.c -lpthread || fail 'cannot compile'
# One arena: those of the eight threads would be 64 MiB each, all of it resident.
export MALLOC_ARENA_MAX=1
./p >bare.out
case $? in
0) ;;
77) skip 'memory cannot be locked here (ulimit -l)' ;;
*) fail 'the bare run fails' ;;
esac
preloaded ./p >preloaded.out || fail "status $?"
for when in locked later; do
	ours=$(($(sed -n "s/^$when //p" preloaded.out) - $(sed -n "s/^$when //p" bare.out)))
	echo "$when: $ours KiB more than bare"
	[ $ours -lt 8192 ] || fail "$when: the recorder has $ours KiB resident"
done
report
expect_eq dropped 0 "$(field '.processes[0].not_recorded.dropped_events')"
