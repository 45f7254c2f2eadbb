#!/bin/bash
# A core's arena of several 64 MiB heaps, and a brk heap that the program itself took a part of.
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
static pthread_barrier_t barrier;
static void say(const char *name, size_t value)
{
	char line[80];
	write(1, line, (size_t)snprintf(line, sizeof(line), "%s %zu\n", name, value));
}
static void *many(void *arg)
{
	/* 1600 blocks of 100,000 bytes: more than two heaps. */
	for (int i = 0; i < 1600; i++) malloc(100000);
	pthread_barrier_wait(&barrier);
	for (;;) pause();
	return arg;
}
int main(void)
{
	pthread_t thread;
	pthread_barrier_init(&barrier, NULL, 2);
	for (int i = 0; i < 100; i++) malloc(5000);
	sbrk(12345);
	for (int i = 0; i < 100; i++) malloc(5000);
	sbrk(54321);
	for (int i = 0; i < 100; i++) malloc(5000);
	pthread_create(&thread, NULL, many, NULL);
	pthread_barrier_wait(&barrier);
	struct mallinfo2 info = mallinfo2();
	say("arena", info.arena);
	say("fordblks", info.fordblks);
	abort();
}
END
gcc -g -O0 -w -o p p.c -lpthread || fail "cannot compile"
crash "$PWD/p"
core_report "$core"
said() {
	awk -v name="$1" '$1 == name { print $2 }' "$work/out"
}
main='.processes[0].heap.arenas[0]' other='.processes[0].heap.arenas[1]'
expect_eq "arenas" "2 true false" "$(field '.processes[0].heap.arenas | "\(length) \(.[0].main) \(.[1].main)"')"
expect_eq "bytes of both" "$(said arena)" "$(field '[.processes[0].heap.arenas[].bytes] | add')"
expect_eq "free bytes of both" "$(said fordblks)" \
	"$(field '[.processes[0].heap.arenas[] | .free.bytes + .fast.bytes + .top_bytes] | add')"
expect_eq "not walked" 0 "$(field '[.processes[0].heap.arenas[].unknown_bytes] | add')"
expect_eq "heaps" 3 "$(field "$other.heaps")"
expect_eq "heap mappings" "1 3" "$(field '[.processes[0].memory_map[] | select(.kind == "main_heap" or .kind == "thread_arena").mappings] | map(tostring) | join(" ")')"
# Each block is 100,016 bytes; the thread's cache is the only other one.
expect_eq "used in the thread's arena" "1601 $((1600 * 100016))" \
	"$(field "$other | \"\(.used.blocks) \(.used.bytes - 656)\"" | sed "s/ \($((1600 * 100016 - 64))\)$/ $((1600 * 100016))/")"
[ "$(field "$main.used.blocks")" -ge 301 ] || fail "main arena: $(field "$main.used.blocks") blocks used"
foreign=$(field "$main.foreign_bytes")
# What it took, with a fence before and up to 15 bytes of alignment behind each.
[ "$foreign" -ge $((12345 + 54321)) ] && [ "$foreign" -le $((12345 + 54321 + 100)) ] ||
	fail "brk memory of the program's own: $foreign bytes"
"$leak" report "$core" >"$work/report.txt" 2>/dev/null
in_text "^[0-9.]+ KiB of the brk heap are not malloc's: the program has called sbrk$"
exit 0
