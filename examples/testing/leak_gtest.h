/*
 * Which test leaks what, for GoogleTest: each test that loses memory fails and says how much. Copy
 * this file, include it in one or more sources of the tests, also with gtest_main, and run them
 * under the recorder:
 *
 *	leak run -- ./tests             or   LD_PRELOAD=libleak.so ./tests
 *	leak report --group=mark        where it was allocated, test by test
 *
 * Without the recorder it does nothing. LEAK_TESTS=warn: says it on stderr, and no test fails;
 * LEAK_TESTS=off: does nothing. Needs leak.h and C++11.
 *
 * Lost is what nothing points at any more. What a test leaves in a global variable is still
 * reachable and no failure. Blocks of threads that run on beside a test count for it.
 */
#ifndef LEAK_GTEST_H
#define LEAK_GTEST_H

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <gtest/gtest.h>
#include <leak.h>
#include <string>

class LeakListener : public testing::EmptyTestEventListener {
public:
	/* Once; later calls do nothing. The default printer comes first in the list, so it hears of
	 * a test's end after us and has the failure in its count. */
	static bool install()
	{
		static const bool done = (
			testing::UnitTest::GetInstance()->listeners().Append(new LeakListener), true);
		return done;
	}

	void OnTestStart(const testing::TestInfo &test) override
	{
		mark_ = leak_mark && !wanted("off") ? leak_mark(name_of(test).c_str()) : 0;
	}

	void OnTestEnd(const testing::TestInfo &test) override
	{
		if (!leak_check_since || wanted("off"))
			return;
		clear_stack();
		check(test);
	}

private:
	unsigned mark_ = 0;

	static bool wanted(const char *how)
	{
		const char *value = std::getenv("LEAK_TESTS");
		return value && std::strcmp(value, how) == 0;
	}

	static std::string name_of(const testing::TestInfo &test)
	{
		return std::string(test.test_suite_name()) + "." + test.name();
	}

	static std::string words_for(const struct leak_amount &amount)
	{
		return std::to_string(amount.bytes) + " bytes in " + std::to_string(amount.blocks) +
		       (amount.blocks == 1 ? " block" : " blocks");
	}

	/* What the test left on the stack would keep what it lost. */
	static __attribute__((noinline)) void clear_stack()
	{
		char dead[16384];

		std::memset(dead, 0, sizeof(dead));
		__asm__ volatile("" : : "r"(dead) : "memory");
	}

	__attribute__((noinline)) void check(const testing::TestInfo &test)
	{
		struct leak_since found;
		int result = leak_check_since(mark_, &found);
		std::string text = result < 0 ? "what it leaks could not be measured"
					      : "leaks " + words_for(found.lost);

		if (result == 0)
			return;
		if (found.indirect.blocks)
			text += ", and through that " + words_for(found.indirect);
		if (result < 0 || wanted("warn"))
			std::fprintf(stderr, "leak: %s: %s\n", name_of(test).c_str(), text.c_str());
		else
			ADD_FAILURE_AT(test.file(), test.line()) << text;
	}
};

namespace
{
const bool leak_gtest_installed __attribute__((unused)) = LeakListener::install();
}

#endif
