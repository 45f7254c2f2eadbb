#!/bin/bash
# leak_check.h: under the recorder exactly the tests of Check that lose memory fail, and say how much,
# with a process for each and with one for all; the same tests pass without it.
. "$(dirname "$0")/../lib.sh"
[ -e /usr/include/check.h ] || skip "no Debian package check here"
cp "$root/preload/leak.h" "$root/examples/testing/leak_check.h" .
cat >t.c <<'END'
#include <check.h>
#include "leak_check.h"

static void *block;

static void open_it(void) { block = malloc(3000); }
static void close_it(void) { free(block); block = NULL; }

START_TEST(clean) { free(malloc(10)); } END_TEST
START_TEST(leaks) { void *volatile p = malloc(5333); p = NULL; } END_TEST
START_TEST(chain)
{
	void *volatile *volatile p = malloc(6000);

	*p = malloc(7000);
	p = NULL;
}
END_TEST
START_TEST(forgets) { block = NULL; } END_TEST
START_TEST(named) { leak_check_name(); } END_TEST

int main(void)
{
	Suite *suite = suite_create("s");
	TCase *stores = tcase_create("stores");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(stores, leak_check_setup, leak_check_teardown);
	tcase_add_checked_fixture(stores, open_it, close_it);
	tcase_add_test(stores, clean);
	tcase_add_test(stores, leaks);
	tcase_add_test(stores, chain);
	tcase_add_test(stores, forgets);
	tcase_add_test(stores, named);
	suite_add_tcase(suite, stores);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed;
}
END
# shellcheck disable=SC2046
gcc -Wall -Wextra -Wno-unused-but-set-variable -Werror -g -I. -o t t.c \
	$(pkg-config --libs check 2>/dev/null || echo -lcheck -lsubunit -lrt -lm -lpthread) || fail "cannot compile"
for how in yes no; do
	export CK_FORK=$how
	./t >out 2>err
	expect_eq "status without the recorder, CK_FORK=$how" 0 $?
	rm -f "$work/images/"*
	preloaded ./t >out 2>err
	expect_eq "how many fail, CK_FORK=$how" 3 $?
	expect_eq "said, CK_FORK=$how" 'stores:leaks:0: leaks 5333 bytes in 1 block
stores:chain:0: leaks 6000 bytes in 1 block, and through that 7000 bytes in 1 block
stores:forgets:0: leaks 3000 bytes in 1 block' "$(sed -n 's/^leak_check.h:[0-9]*:S://p' out)"
	LEAK_TESTS=warn preloaded ./t >out 2>err
	expect_eq "status with LEAK_TESTS=warn, CK_FORK=$how" 0 $?
	expect_eq "warned of, CK_FORK=$how" 3 "$(grep -c '^leak: [a-z]*: leaks [0-9]* bytes' err)"
	grep -qx 'leak: forgets: leaks 3000 bytes in 1 block' err || fail "it said: $(cat err)"
	LEAK_TESTS=off preloaded ./t >out 2>err
	expect_eq "status with LEAK_TESTS=off, CK_FORK=$how" 0 $?
	expect_eq "said with LEAK_TESTS=off, CK_FORK=$how" '' "$(cat err)"
done
