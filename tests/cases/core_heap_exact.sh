#!/bin/bash
# What a core tells of glibc's heaps is what mallinfo2 and the program itself say: used, free, cached.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/core.inc"

need gcc jq
cat >p.c <<'END'
#define _GNU_SOURCE
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
static size_t used, blocks;
static void *volatile kept[30000];
static void *take(size_t size)
{
	void *block = malloc(size);
	memset(block, 1, size);
	used += malloc_usable_size(block) + 8;
	blocks++;
	return block;
}
static void give(void *block)
{
	used -= malloc_usable_size(block) + 8;
	blocks--;
	free(block);
}
static void work(int first)
{
	void *volatile *mine = kept + first;
	for (int i = 0; i < 10000; i++) mine[i] = take((size_t)i % 700 + 1);
	for (int i = 0; i < 10000; i += 3) give(mine[i]);
	for (int i = 1; i < 10000; i += 17) { if (i % 3) { give(mine[i]); mine[i] = take(2000); } }
}
static void *thread(void *arg) { work(10000); return arg; }
static void say(const char *name, size_t value)
{
	char line[80];
	write(1, line, (size_t)snprintf(line, sizeof(line), "%s %zu\n", name, value));
}
static pthread_barrier_t barrier;
static void *holder(void *arg)
{
	thread(arg);
	pthread_barrier_wait(&barrier);
	for (;;) pause();
}
int main(int count, char **arguments)
{
	pthread_t threads[1];
	int full = strcmp(arguments[count - 1], "full") == 0;
	pthread_barrier_init(&barrier, NULL, 2);
	kept[29997] = take(10);
	if (full) {
		work(0);
		pthread_create(&threads[0], NULL, holder, NULL);
		pthread_barrier_wait(&barrier);
		kept[29999] = take(3000000);
		kept[29998] = aligned_alloc(65536, 500000);
		/* Seven of a size go to the thread's cache, the others to a fast bin. */
		void *small[20];
		for (int i = 0; i < 20; i++) small[i] = take(104);
		for (int i = 0; i < 20; i++) give(small[i]);
	}
	struct mallinfo2 info = mallinfo2();
	say("arena", info.arena);
	say("fordblks", info.fordblks);
	say("fsmblks", info.fsmblks);
	say("smblks", info.smblks);
	say("ordblks", info.ordblks);
	say("keepcost", info.keepcost);
	say("hblks", info.hblks);
	say("hblkhd", info.hblkhd);
	say("used", full ? used - (malloc_usable_size(kept[29999]) + 8) : used);
	say("blocks", full ? blocks - 1 : blocks);
	abort();
}
END
gcc -g -O0 -w -o p p.c -lpthread || fail "cannot compile"

said() { # NAME: what the program said
	awk -v name="$1" '$1 == name { print $2 }' "$work/out"
}
sum() { # FIELD: over the arenas
	field "[.processes[0].heap.arenas[].$1] | add"
}
same_as_mallinfo() { # WHICH
	core_report "$core"
	expect_eq "$1: trouble" "null 0" "$(field '.processes[0].heap | "\(.trouble) \([.arenas[] | select(.trouble)] | length)"')"
	expect_eq "$1: bytes" "$(said arena)" "$(sum bytes)"
	expect_eq "$1: free bytes" "$(said fordblks)" $(($(sum free.bytes) + $(sum fast.bytes) + $(sum top_bytes)))
	expect_eq "$1: fast bytes" "$(said fsmblks)" "$(sum fast.bytes)"
	expect_eq "$1: fast blocks" "$(said smblks)" "$(sum fast.blocks)"
	expect_eq "$1: free blocks with tops" "$(said ordblks)" $(($(sum free.blocks) + $(field '.processes[0].heap.arenas | length')))
	expect_eq "$1: main arena's top" "$(said keepcost)" "$(field '.processes[0].heap.arenas[0].top_bytes')"
	expect_eq "$1: large bytes" "$(said hblkhd)" "$(field '.processes[0].heap.large.bytes')"
	expect_eq "$1: large blocks" "$(said hblks)" "$(field '.processes[0].heap.large.blocks')"
	expect_eq "$1: large blocks by malloc's count" "$(said hblks)" "$(field '.processes[0].heap.large_expected')"
	expect_eq "$1: fast bins found" true "$(field '.processes[0].heap.fast_known')"
}

crash "$PWD/p" empty
said arena | grep -q . || skip "no mallinfo2 here"
same_as_mallinfo empty
expect_eq "empty: arenas" 1 "$(field '.processes[0].heap.arenas | length')"
# What the program did not ask for itself: of libc, of the loader.
own_blocks=$(($(sum used.blocks) - $(said blocks))) own_bytes=$(($(sum used.bytes) - $(said used)))

crash "$PWD/p" full
same_as_mallinfo full
expect_eq "full: arenas" "2 true" "$(field '.processes[0].heap.arenas | "\(length) \(.[0].main)"')"
expect_eq "full: caches" 2 "$(field '.processes[0].heap.caches')"
expect_eq "full: large blocks" 2 "$(field '.processes[0].heap.large.blocks')"
[ "$(sum fast.blocks)" -gt 13 ] || fail "full: $(sum fast.blocks) blocks in fast bins"
[ "$(sum cached.blocks)" -gt 14 ] || fail "full: $(sum cached.blocks) blocks in caches"
# The second thread: its cache, and its stack's descriptor from the main arena.
expect_eq "full: used blocks beside the program's and libc's" 2 $(($(sum used.blocks) - $(said blocks) - own_blocks))
more=$(($(sum used.bytes) - $(said used) - own_bytes))
[ $more -ge $((0x250 + 0x110)) ] && [ $more -le $((0x310 + 0x200)) ] || fail "full: $more bytes beside the program's and libc's"
echo "counted: $(said blocks) blocks, $(said used) bytes used; $(sum cached.blocks) cached, $(sum fast.blocks) fast, $(sum free.blocks) free"
exit 0
