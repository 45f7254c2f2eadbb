#!/bin/bash
# gcc: C and C++ is compiled and linked; the objects and programs are the same bytes.
. "$(dirname "$0")/../lib.sh"
need gcc g++
program gcc gcc --version

scenario() {
	cat >a.c <<-'END'
		#include <stdio.h>
		#include <stdlib.h>
		#include <string.h>
		int f(int n) { int s = 0; for (int i = 0; i < n; i++) s += i * i % 7; return s; }
		int main(void) { printf("%d\n", f(100)); return 0; }
	END
	cat >b.cc <<-'END'
		#include <iostream>
		#include <map>
		#include <string>
		#include <vector>
		int main() {
			std::map<std::string, std::vector<int>> m;
			for (int i = 0; i < 100; i++) m[std::to_string(i % 7)].push_back(i);
			for (auto &e : m) std::cout << e.first << e.second.size() << "\n";
		}
	END
	gcc -O2 -g -frandom-seed=1 -c a.c && gcc -o a a.o && ./a &&
		g++ -O2 -g -frandom-seed=1 -c b.cc && g++ -flto -O1 -frandom-seed=1 -o b b.o && ./b
	gcc -c nosuch.c
}
STATUS=1
same scenario
