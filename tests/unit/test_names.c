/* Names of functions in few columns: what is cut is never the name itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/text.h"

static void expect(const char *name, size_t columns, const char *expected)
{
	char room[512];

	strcpy(room, name);
	text_shorten_function(room, columns);
	assert_string_equal(room, expected);
}

static void what_fits_stays(void **state)
{
	(void)state;
	expect("parse_line", 10, "parse_line");
	expect("ns::f(int)", 10, "ns::f(int)");
	expect("ns::f(int)", 9, "ns::f(…)");
}

static void names_are_whole(void **state)
{
	(void)state;
	expect("a_plain_name_of_c_that_is_longer", 10, "a_plain_name_of_c_that_is_longer");
	expect("a_plain_name+0x1c", 10, "a_plain_name+0x1c");
	expect("libx.so+0x1234", 4, "libx.so+0x1234");
	expect("ns::a::b::name_that_is_long", 20, "…name_that_is_long");
	expect("main", 0, "main");
}

static void parameters_go_first(void **state)
{
	const char *name = "store::cache<std::string, long>::put(std::string const&, long) const+0x2a";

	(void)state;
	expect(name, 60, "store::cache<std::string, long>::put(…) const+0x2a");
	expect(name, 45, "store::cache<…>::put(…) const+0x2a");
	expect(name, 30, "…cache<…>::put(…) const+0x2a");
	expect(name, 10, "…put(…) const+0x2a");
	expect("void f<int, std::map<int, long> >(std::map<int, long> const&)", 30, "void f<…>(…)");
	expect("a<short>::b<very_long_argument>::c", 24, "a<short>::b<…>::c");
}

static void brackets_that_are_names_stay(void **state)
{
	(void)state;
	expect("ns::(anonymous namespace)::f(int)", 29, "…(anonymous namespace)::f(…)");
	expect("ns::text::operator()(int, int) const", 20, "…operator()(…) const");
	expect("ns::operator<<(std::ostream&, ns::text const&)", 20, "ns::operator<<(…)");
	expect("ns::text::operator->()", 12, "…operator->()");
	expect("ns::text::operator std::string() const", 10, "…operator std::string() const");
	expect("main::{lambda(int)#1}::operator()(int) const", 42, "main::{lambda(int)#1}::operator()(…) const");
	expect("<alloc::vec::Vec<T> as core::ops::Drop>::drop", 20, "<…>::drop");
	expect("f(decltype (1 -> 2), long)", 10, "f(…)");
	expect("unbalanced<int", 4, "unbalanced<int");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_fits_stays),
		cmocka_unit_test(names_are_whole),
		cmocka_unit_test(parameters_go_first),
		cmocka_unit_test(brackets_that_are_names_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
