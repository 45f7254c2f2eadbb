#!/bin/bash
# leak_cmocka.h: under the recorder exactly the tests that lose memory are errors, and say how much; the
# same tests pass without it, and with LEAK_TESTS=warn.
. "$(dirname "$0")/../lib.sh"
[ -e /usr/include/cmocka.h ] || skip "no libcmocka-dev here"
cp "$root/preload/leak.h" "$root/examples/testing/leak_cmocka.h" .
cat >t.c <<'END'
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include "leak_cmocka.h"

static void *kept;

static void clean(void **state) { assert_null(*state); free(malloc(10)); }
static void leaks(void **state) { (void)state; void *volatile p = malloc(533); p = NULL; }
static void keeps(void **state) { (void)state; kept = malloc(44); }
static void chain(void **state)
{
	void *volatile *volatile p = malloc(600);

	(void)state;
	*p = malloc(66);
	p = NULL;
}
static int open_it(void **state) { *state = malloc(20); return 0; }
static int close_it(void **state) { free(*state); return 0; }
static int forget_it(void **state) { *state = NULL; return 0; }
static void uses(void **state) { assert_non_null(*state); }
static void loses(void **state) { assert_non_null(*state); }
static void last(void **state) { (void)state; }

int main(void)
{
	const struct CMUnitTest tests[] = {
		leak_unit_test(clean),
		leak_unit_test(leaks),
		leak_unit_test(keeps),
		leak_unit_test(chain),
		leak_unit_test_setup_teardown(uses, open_it, close_it),
		leak_unit_test_setup_teardown(loses, open_it, forget_it),
		leak_unit_test(last),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
END
gcc -std=gnu99 -Wall -Wextra -Wno-unused-but-set-variable -Werror -g -I. -o t t.c -lcmocka || fail "cannot compile"
failed() {
	sed -n 's/^\[  ERROR   \] \([a-z]*\)$/\1/p' all | paste -sd' '
}
./t >all 2>&1
expect_eq "status without the recorder" 0 $?
expect_eq "fail without the recorder" '' "$(failed)"
preloaded ./t >all 2>&1
expect_eq "status: the number of tests" 3 $?
expect_eq "fail" 'leaks chain loses' "$(failed)"
expect_eq "said" 'leak: leaks: leaks 533 bytes in 1 block
leak: chain: leaks 600 bytes in 1 block, and through that 66 bytes in 1 block
leak: loses: leaks 20 bytes in 1 block' "$(grep '^leak: ' all)"
LEAK_TESTS=warn preloaded ./t >all 2>&1
expect_eq "status with LEAK_TESTS=warn" 0 $?
expect_eq "warned of" 3 "$(grep -c '^leak: .*: leaks' all)"
LEAK_TESTS=off preloaded ./t >all 2>&1
expect_eq "status with LEAK_TESTS=off" 0 $?
expect_eq "said with LEAK_TESTS=off" '' "$(grep '^leak: ' all)"
OPTIONS=classes=0 preloaded ./t >all 2>&1
expect_eq "status with classes=0" 0 $?
expect_eq "could not measure" 7 "$(grep -c '^leak: .*: what it leaks could not be measured$' all)"
