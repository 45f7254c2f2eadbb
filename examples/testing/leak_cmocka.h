/*
 * Which test leaks what, for cmocka: each test that loses memory is an error and says how much.
 * Copy this file, include it after cmocka.h, and write
 *
 *	const struct CMUnitTest tests[] = {
 *		leak_unit_test(parses),
 *		leak_unit_test_setup_teardown(stores, open_store, close_store),
 *	};
 *
 * in the place of cmocka_unit_test and cmocka_unit_test_setup_teardown (in a function, and not
 * static). Then run them under the recorder:
 *
 *	leak run -- ./tests             or   LD_PRELOAD=libleak.so ./tests
 *	leak report --group=mark        where it was allocated, test by test
 *
 * Without the recorder it does nothing. LEAK_TESTS=warn: says it on stderr, and no test fails;
 * LEAK_TESTS=off: does nothing. Needs leak.h and C99.
 *
 * Lost is what nothing points at any more, when the test's own teardown is done. What a test leaves
 * in a global variable is still reachable and no error.
 */
#ifndef LEAK_CMOCKA_H
#define LEAK_CMOCKA_H

#include <leak.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct leak_cmocka_test {
	const char *name;
	CMFixtureFunction setup, teardown; /* the test's own, or NULL */
};

/* The test that runs: cmocka runs them one after another. */
static const struct leak_cmocka_test *leak_cmocka_test;
static unsigned leak_cmocka_mark;

static inline int leak_cmocka_wanted(const char *how)
{
	const char *value = getenv("LEAK_TESTS");

	return value && strcmp(value, how) == 0;
}

/* What the test left on the stack would keep what it lost. */
static __attribute__((noinline, unused)) void leak_cmocka_clear_stack(void)
{
	char dead[16384];

	memset(dead, 0, sizeof(dead));
	__asm__ volatile("" : : "r"(dead) : "memory");
}

static __attribute__((noinline, unused)) int leak_cmocka_check(void)
{
	struct leak_since found;
	int result = leak_check_since(leak_cmocka_mark, &found);

	if (result == 0)
		return 0;
	if (result < 0) {
		fprintf(stderr, "leak: %s: what it leaks could not be measured\n",
			leak_cmocka_test->name);
		return 0;
	}
	fprintf(stderr, "leak: %s: leaks %zu bytes in %zu block%s", leak_cmocka_test->name,
		found.lost.bytes, found.lost.blocks, found.lost.blocks == 1 ? "" : "s");
	if (found.indirect.blocks)
		fprintf(stderr, ", and through that %zu bytes in %zu block%s", found.indirect.bytes,
			found.indirect.blocks, found.indirect.blocks == 1 ? "" : "s");
	fprintf(stderr, "\n");
	return leak_cmocka_wanted("warn") ? 0 : -1;
}

/* The initial state says which test it is; the test has none. */
static __attribute__((unused)) int leak_cmocka_setup(void **state)
{
	leak_cmocka_test = (const struct leak_cmocka_test *)*state;
	*state = NULL;
	if (leak_mark && !leak_cmocka_wanted("off"))
		leak_cmocka_mark = leak_mark(leak_cmocka_test->name);
	return leak_cmocka_test->setup ? leak_cmocka_test->setup(state) : 0;
}

static __attribute__((unused)) int leak_cmocka_teardown(void **state)
{
	int failed = leak_cmocka_test->teardown ? leak_cmocka_test->teardown(state) : 0;

	/* cmocka keeps it for ever, and a later block may have the same address. */
	*state = NULL;
	if (failed || !leak_check_since || leak_cmocka_wanted("off"))
		return failed;
	leak_cmocka_clear_stack();
	return leak_cmocka_check();
}

#define leak_unit_test_setup_teardown(f, its_setup, its_teardown)                                  \
	{                                                                                          \
		#f, f, leak_cmocka_setup, leak_cmocka_teardown,                                    \
			(void *)&(struct leak_cmocka_test){#f, its_setup, its_teardown}            \
	}
#define leak_unit_test(f) leak_unit_test_setup_teardown(f, NULL, NULL)

#endif
