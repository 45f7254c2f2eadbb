/* LEAK_OPTIONS: LeakSanitizer's syntax; what is wrong is ignored and never breaks what is right. */
#include "tests/unit/tables.h"

static void defaults(void **state)
{
	(void)state;
	options_read(NULL, false);
	assert_string_equal(options.output, "leak.%e.%p.leak");
	assert_string_equal(options.unwind, "cfi");
	assert_int_equal(options.summary, 0);
	assert_int_equal(options.depth, 65536);
	assert_false(options.output_given);
	assert_int_equal(options.keep, KEEP_ALWAYS);
}

static void a_choice_is_one_of_its_words(void **state)
{
	static const char *const wrong[] = {
		"keep=leak", "keep=leaks1", "keep=leaks|", "keep=lways", "keep='|'", "keep=''", "keep=1"};

	(void)state;
	options_read("keep=leaks", false);
	assert_int_equal(options.keep, KEEP_LEAKS);
	assert_true(options.keep_given);
	options_read("keep=leaks:keep=always", false);
	assert_int_equal(options.keep, KEEP_ALWAYS);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		options_read(wrong[i], false);
		assert_false(options.keep_given);
		assert_int_equal(options.keep, KEEP_ALWAYS);
	}
}

static void separators_and_quotes(void **state)
{
	(void)state;
	options_read("summary=1,depth=7 output='/a b/x:y.leak':signal=SIGUSR2", false);
	assert_int_equal(options.summary, 1);
	assert_int_equal(options.depth, 7);
	assert_string_equal(options.output, "/a b/x:y.leak");
	assert_true(options.output_given);
	assert_int_equal(options.signal, 12);
}

static void what_is_wrong_is_ignored(void **state)
{
	char *huge = malloc(5000);

	(void)state;
	options_read("nonsense=1:depth=abc:summary=2:word:=:depth=99999999999999999999999:signal=FOO",
		false);
	assert_int_equal(options.depth, 65536);
	assert_int_equal(options.summary, 0);
	assert_int_equal(options.signal, 0);
	memset(huge, 'x', 4999);
	memcpy(huge, "output=", 7);
	huge[4999] = '\0';
	options_read(huge, false);
	assert_string_equal(options.output, "leak.%e.%p.leak");
	options_read("output='unterminated", false);
	assert_string_equal(options.output, "unterminated");
	options_read("depth=0", false);
	assert_int_equal(options.depth, 1);
	free(huge);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults),
		cmocka_unit_test(a_choice_is_one_of_its_words),
		cmocka_unit_test(separators_and_quotes),
		cmocka_unit_test(what_is_wrong_is_ignored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
