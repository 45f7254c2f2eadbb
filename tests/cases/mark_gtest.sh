#!/bin/bash
# leak_gtest.h: under the recorder exactly the tests that lose memory fail, and say how much; the same
# tests pass without it, and with LEAK_TESTS=warn.
. "$(dirname "$0")/../lib.sh"
need g++
[ -e /usr/include/gtest/gtest.h ] || skip "no libgtest-dev here"
cp "$root/preload/leak.h" "$root/examples/testing/leak_gtest.h" .
cat >t.cc <<'END'
#include "leak_gtest.h"
#include <memory>
#include <thread>
#include <vector>
static char *kept;
struct List { List *next; char rest[92]; };
TEST(Store, Clean) { std::vector<int> v(100); EXPECT_EQ(v.size(), 100u); std::unique_ptr<int> p(new int); }
TEST(Store, Leaks) { char *volatile p = new char[533]; p = nullptr; }
TEST(Store, Keeps) { kept = new char[44]; }
TEST(Chain, Leaks) { List *volatile p = new List{new List{nullptr, ""}, ""}; p = nullptr; }
TEST(Chain, Clean) { std::thread([] { free(malloc(10)); }).join(); }
TEST(Chain, FailsAndLeaks) { char *volatile p = new char[633]; p = nullptr; EXPECT_EQ(1, 2); }
class Fixture : public testing::Test {
protected:
	void SetUp() override { block = new char[700]; }
	void TearDown() override { if (!forget) delete[] block; block = nullptr; }
	char *block; bool forget = false;
};
TEST_F(Fixture, Clean) { }
TEST_F(Fixture, Leaks) { forget = true; }
class Many : public testing::TestWithParam<int> { };
TEST_P(Many, Each) { char *volatile p = new char[801]; if (GetParam() != 2) delete[] p; p = nullptr; }
INSTANTIATE_TEST_SUITE_P(All, Many, testing::Values(1, 2, 3));
END
# A second file that includes it, too.
printf '#include "leak_gtest.h"\nTEST(Other, Leaks) { char *volatile p = new char[955]; p = nullptr; }\n' >u.cc
g++ -std=c++14 -Wall -Wextra -Wno-unused-but-set-variable -Werror -g -I. -o t t.cc u.cc -lgtest_main -lgtest -lpthread ||
	fail "cannot compile"
failed() {
	sed -n 's/^\[  FAILED  \] \([A-Za-z/0-9]*\.[A-Za-z/0-9]*\)\(, where.*\)\{0,1\}$/\1/p' out | sort -u | paste -sd' '
}
./t >out 2>err
expect_eq "status without the recorder" 1 $?
expect_eq "fails without the recorder" 'Chain.FailsAndLeaks' "$(failed)"
expect_eq "stderr without the recorder" '' "$(cat err)"
preloaded ./t >out 2>err
expect_eq "status" 1 $?
expect_eq "fail" 'All/Many.Each/1 Chain.FailsAndLeaks Chain.Leaks Fixture.Leaks Other.Leaks Store.Leaks' "$(failed)"
expect_eq "said" "leaks 533 bytes in 1 block
leaks 104 bytes in 1 block, and through that 104 bytes in 1 block
leaks 633 bytes in 1 block
leaks 700 bytes in 1 block
leaks 955 bytes in 1 block
leaks 801 bytes in 1 block" "$(grep '^leaks' out)"
expect_eq "where" 8 "$(grep -A2 "t.cc:[0-9]*: Failure" out | grep -B2 '^leaks 533' | sed -n 's/^t.cc:\([0-9]*\): Failure/\1/p')"
LEAK_TESTS=warn preloaded ./t >out 2>err
expect_eq "fail with LEAK_TESTS=warn" 'Chain.FailsAndLeaks' "$(failed)"
expect_eq "warned of" 6 "$(grep -c '^leak: .*: leaks' err)"
grep -qx 'leak: Fixture.Leaks: leaks 700 bytes in 1 block' err || fail "it said: $(cat err)"
LEAK_TESTS=off preloaded ./t >out 2>err
expect_eq "fail with LEAK_TESTS=off" 'Chain.FailsAndLeaks' "$(failed)"
expect_eq "stderr with LEAK_TESTS=off" '' "$(cat err)"
OPTIONS=classes=0 preloaded ./t --gtest_filter='Store.*' >out 2>err
expect_eq "status with classes=0" 0 $?
expect_eq "with classes=0" 'leak: Store.Leaks: what it leaks could not be measured' "$(grep Leaks err)"
