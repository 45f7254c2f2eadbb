#!/bin/bash
# A program that defines malloc itself is never said to have lost nothing: the exit line, the report, leak ci
# and leak doctor say that its blocks are not seen. What it maps is.
# pitfall: P51 F20
. "$(dirname "$0")/../lib.sh"
need gcc jq

cat >own.c <<'END'
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
static char room[1 << 20];
static size_t used;
void *malloc(size_t size)
{
	void *block = room + used;
	used += (size + 15) & ~15ul;
	return block;
}
void free(void *block) { (void)block; }
void *calloc(size_t n, size_t size) { return malloc(n * size); }
void *realloc(void *block, size_t size)
{
	void *moved = malloc(size);
	return block ? memcpy(moved, block, size) : moved;
}
int main(void)
{
	void *volatile lost = malloc(10);
	lost = mmap(NULL, 8192, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return lost == NULL;
}
END
gcc -g -O0 -o own own.c || fail 'cannot compile'
"$leak" run -o own.leak ./own 2>err || fail "leak run: status $?, $(cat err)"
grep -q 'nothing seen: the program has its own malloc; see: leak report' err || fail "exit line: $(cat err)"
cp own.leak "$work/images/"
report
expect_eq 'hidden allocators' 1 "$(field '.processes[0].not_recorded.hidden_allocators')"
expect_eq 'regions' 8192 "$(field '.processes[0].regions.mmap.bytes')"
"$leak" report own.leak >out || fail 'leak report fails'
grep -q '^VERDICT  cannot tell: the process has an allocator in front of the recorder' out || fail "verdict: $(cat out)"
grep -q '^note: .* 1 allocator in front of the recorder' out || fail "note: $(cat out)"
"$leak" ci -- ./own >out 2>&1
expect_eq 'status of leak ci' 3 $?
grep -q '^not judged: ./own .*; it allocates by its own malloc' out || fail "leak ci: $(cat out)"
"$leak" doctor ./own >out
expect_eq 'status of leak doctor' 3 $?
grep -q '^NO    ./own defines malloc itself' out || fail "leak doctor: $(cat out)"
# An image with keep=leaks is kept: something may have been lost.
OPTIONS=keep=leaks preloaded ./own
expect_eq 'images with keep=leaks' 2 "$(images | wc -l)"

# The same of a library that is preloaded before the recorder.
gcc -g -O0 -shared -fPIC -Dmain=unused_main -o front.so own.c
gcc -g -O0 -o plain -x c - <<<'#include <stdlib.h>
int main(void) { void *volatile block = malloc(10); block = NULL; return 0; }' || fail 'cannot compile'
rm -f "$work"/images/*
LD_PRELOAD=$PWD/front.so:$lib LEAK_OPTIONS=output=$work/images/plain.leak ./plain || fail 'preloaded before: status'
report
expect_eq 'hidden allocators, preloaded' 1 "$(field '.processes[0].not_recorded.hidden_allocators')"
exit 0
