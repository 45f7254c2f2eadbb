#!/bin/bash
# LeakSanitizer's functions in a program that is annotated for it do what they say.
. "$(dirname "$0")/../lib.sh"
cat >p.c <<'END'
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

void __lsan_ignore_object(const void *) __attribute__((weak));
void __lsan_disable(void) __attribute__((weak));
void __lsan_enable(void) __attribute__((weak));
void __lsan_register_root_region(const void *, size_t) __attribute__((weak));
void __lsan_unregister_root_region(const void *, size_t) __attribute__((weak));
int __lsan_do_recoverable_leak_check(void) __attribute__((weak));
void __lsan_do_leak_check(void) __attribute__((weak));

static void **region;

/* A pointer into the block is enough, and what the block knows is kept, too. */
static __attribute__((noinline)) void ignored(void)
{
	char *block = malloc(5000);

	*(void **)(block + 8) = malloc(60);
	__lsan_ignore_object(block + 4000);
	__lsan_ignore_object(&region);
	__lsan_ignore_object(NULL);
}

static __attribute__((noinline)) void disabled(void)
{
	__lsan_disable();
	void *volatile block = malloc(70);
	block = NULL;
	__lsan_enable();
}

/* Nobody looks for pointers in memory that cannot be written to. */
static __attribute__((noinline)) void hidden(void)
{
	region = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	region[3] = malloc(80);
	mprotect(region, 8192, PROT_READ);
	__lsan_register_root_region(region, 4096);
}

static __attribute__((noinline)) void lost(void)
{
	void *volatile block = malloc(33);
	block = NULL;
}

static __attribute__((noinline)) void clear(void)
{
	char dead[8192];

	memset(dead, 0, sizeof(dead));
	__asm__ volatile("" : : "r"(dead) : "memory");
}

static void check(void)
{
	clear();
	printf("%d\n", __lsan_do_recoverable_leak_check());
	fflush(stdout);
}

int main(int argc, char **argv)
{
	(void)argv;
	if (!__lsan_disable) {
		puts("not there");
		return 0;
	}
	ignored();
	disabled();
	hidden();
	check();
	__lsan_unregister_root_region(region, 4096);
	check();
	__lsan_register_root_region(region, 4096);
	check();
	if (argc > 1)
		lost();
	clear();
	__lsan_do_leak_check();
	puts("goes on");
	return 0;
}
END
gcc -O1 -w -o p p.c || fail "cannot compile"
expect_eq "without the recorder" 'not there' "$(./p)"
expect_eq "what is lost" $'0\n1\n0\ngoes on' "$(preloaded ./p 2>err)"
grep -Eq '^leak: p\[[0-9]*\]: 80 B in 1 block definitely lost; see: leak report ' err || fail "it said: $(cat err)"
report
expect_eq "at the end" '0 0 5070' "$(field '.processes[0].classes | "\(.definite.bytes) \(.indirect.bytes) \(.suppressed.bytes)"')"
rm -f "$work/images/"*
preloaded ./p lose >out 2>err
expect_eq "status of a program that asks, and has lost something" 23 $?
expect_eq "its output" $'0\n1\n0' "$(cat out)"
grep -q '^leak: p\[.*: 33 B in 1 block definitely lost; see' err || fail "it said: $(cat err)"
report
expect_eq "at that end" '33 23' "$(field '.processes[0] | "\(.classes.definite.bytes) \(.exit_status)"')"
