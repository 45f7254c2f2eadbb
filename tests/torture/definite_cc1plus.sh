#!/bin/bash
# cc1plus compiles a small program: nothing is lost.
# timeout: 240
. "$(dirname "$0")/definite.inc"
need g++

cc1plus=$(g++ -print-prog-name=cc1plus)
[ -x "$cc1plus" ] || skip "no cc1plus here"
cat >"$work/a.cc" <<'END'
#include <initializer_list>
template <typename T> struct list { list *next; T value; ~list() { delete next; } };
template <typename T> T sum(const list<T> *l) { return l ? l->value + sum(l->next) : T(); }
struct base { virtual ~base() = default; virtual int f(int) = 0; };
struct derived : base { int f(int n) override { return n < 2 ? n : f(n - 1) + f(n - 2); } };
int total(std::initializer_list<int> all) { int n = 0; for (int i : all) n += i; return n; }
int main() { list<int> a{new list<int>{nullptr, 2}, 1}; derived d; return sum(&a) + d.f(4) + total({1, 2, 3}); }
END
g++ -E -o "$work/a.ii" "$work/a.cc" || fail "cannot preprocess"
scenario() {
	recorded "$cc1plus" -fpreprocessed -quiet -O2 -o a.s "$work/a.ii"
}
fifty scenario
expect_eq "processes" $runs "$(checked cc1plus)"
none_lost
