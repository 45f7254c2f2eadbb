/*
 * Which test leaks what, for Check (https://libcheck.github.io/check/): each test that loses memory
 * fails and says how much. Copy this file, include it after check.h, and add its fixtures to a test
 * case before all others, so that its setup comes first and its teardown last:
 *
 *	TCase *stores = tcase_create("stores");
 *	tcase_add_checked_fixture(stores, leak_check_setup, leak_check_teardown);
 *
 * Then run the tests under the recorder:
 *
 *	leak run -- ./tests             or   LD_PRELOAD=libleak.so ./tests
 *	leak report --group=mark *.leak        where it was allocated
 *
 * Check runs each test in a forked process, and so are setup and teardown: every test has an image of
 * its own. With CK_FORK=no there is one. A setup is not told the test's name: for reports, begin a
 * test with leak_check_name(), whose mark bears it.
 *
 * Without the recorder it does nothing. LEAK_TESTS=warn: says it on stderr, and no test fails;
 * LEAK_TESTS=off: does nothing. Needs leak.h and C99.
 *
 * Lost is what nothing points at any more. What a test leaves in a global variable is still
 * reachable and no failure. A forked process does not know which parts of the heap that it inherited
 * are in use: a stale pointer there, in memory that was freed, may keep a block. CK_FORK=no is exact.
 */
#ifndef LEAK_TESTING_CHECK_H
#define LEAK_TESTING_CHECK_H

#include <leak.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned leak_check_mark;

static inline int leak_check_wanted(const char *how)
{
	const char *value = getenv("LEAK_TESTS");

	return value && strcmp(value, how) == 0;
}

static __attribute__((unused)) void leak_check_setup(void)
{
	if (leak_mark && !leak_check_wanted("off"))
		leak_check_mark = leak_mark(NULL);
}

/* In a test: from here on it bears the test's name. What it leaks is still counted from its setup. */
static __attribute__((unused)) void leak_check_name(void)
{
	if (leak_mark && !leak_check_wanted("off"))
		leak_mark(tcase_name());
}

/* What the test left on the stack would keep what it lost. */
static __attribute__((noinline, unused)) void leak_check_clear_stack(void)
{
	char dead[16384];

	memset(dead, 0, sizeof(dead));
	__asm__ volatile("" : : "r"(dead) : "memory");
}

static __attribute__((noinline, unused)) void leak_check_now(void)
{
	struct leak_since found;
	char text[256];
	int result = leak_check_since(leak_check_mark, &found), used;

	if (result == 0)
		return;
	used = snprintf(text, sizeof(text),
		result < 0 ? "what it leaks could not be measured"
			   : "leaks %zu bytes in %zu block%s",
		found.lost.bytes, found.lost.blocks, found.lost.blocks == 1 ? "" : "s");
	if (found.indirect.blocks)
		snprintf(text + used, sizeof(text) - (size_t)used,
			", and through that %zu bytes in %zu block%s", found.indirect.bytes,
			found.indirect.blocks, found.indirect.blocks == 1 ? "" : "s");
	if (result < 0 || leak_check_wanted("warn"))
		fprintf(stderr, "leak: %s: %s\n", tcase_name(), text);
	else
		ck_abort_msg("%s", text);
}

static __attribute__((unused)) void leak_check_teardown(void)
{
	if (!leak_check_since || leak_check_wanted("off"))
		return;
	leak_check_clear_stack();
	leak_check_now();
}

#endif
