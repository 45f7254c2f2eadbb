#!/bin/bash
# A C++ program with maps, strings, exceptions.
. "$(dirname "$0")/valgrind.inc"
need g++

cat >p.cc <<'END'
#include <iostream>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>
int main()
{
	std::map<std::string, std::vector<int>> m;
	for (int i = 0; i < 500; i++) m[std::to_string(i % 37) + "a long enough key to allocate"].push_back(i);
	for (int i = 0; i < 10; i++) try { throw std::runtime_error("x"); } catch (std::exception &e) { }
	new std::string(100, 'x');
	auto s = std::make_shared<long>(5);
	std::cout << m.size() << *s << "\n";
}
END
g++ -g -O1 -o p p.cc && oracle ./p
