#!/bin/bash
# cc1plus: g++ -O2 compiles a program of the standard library, and cc1, as, collect2 and ld with it.
# timeout: 170
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/verify.inc"
need g++

cat >"$work/b.cc" <<'END'
#include <algorithm>
#include <iostream>
#include <map>
#include <string>
#include <vector>
int main() {
	std::map<std::string, std::vector<int>> m;
	for (int i = 0; i < 100; i++) m[std::to_string(i % 7)].push_back(i);
	for (auto &e : m) { std::sort(e.second.rbegin(), e.second.rend()); std::cout << e.first << e.second[0] << "\n"; }
}
END
scenario() {
	g++ -O1 -frandom-seed=1 -o b "$work/b.cc" && echo 'int f(int n) { return n / 3; }' >c.c && gcc -O2 -c c.c
}
verify_same 'events>=200000' scenario
