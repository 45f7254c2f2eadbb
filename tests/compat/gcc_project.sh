#!/bin/bash
# gcc and g++ build a shared library and a program of a hundred files with make -j2; all objects are the same bytes.
# timeout: 900
. "$(dirname "$0")/../lib.sh"
need make gcc g++ ar
program gcc gcc --version

# source_file N: of C when N is odd, else of C++.
source_file() {
	if [ $(($1 % 2)) = 1 ]; then
		cat >"s$1.c" <<-END
			#include <stdio.h>
			#include <stdlib.h>
			#include <string.h>
			struct item$1 { struct item$1 *next; char name[24]; int value; };
			static int order(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }
			int f$1(int n)
			{
				struct item$1 *list = NULL;
				int values[64], sum = 0;
				for (int i = 0; i < n; i++) {
					struct item$1 *item = calloc(1, sizeof(*item));
					snprintf(item->name, sizeof(item->name), "%d", i * $1 % 97);
					item->value = (int)strlen(item->name) + i % 7;
					item->next = list, list = item;
					values[i % 64] = i * $1 % 101;
				}
				qsort(values, 64 < n ? 64 : n, sizeof(int), order);
				while (list) {
					struct item$1 *next = list->next;
					sum += list->value * values[0], free(list), list = next;
				}
				return sum + values[n / 2 % 64];
			}
		END
	else
		cat >"s$1.cc" <<-END
			#include <algorithm>
			#include <map>
			#include <memory>
			#include <string>
			#include <vector>
			namespace n$1 {
			template <int N> struct power { static const long value = 3 * power<N - 1>::value % 1009; };
			template <> struct power<0> { static const long value = $1; };
			}
			extern "C" int f$1(int n)
			{
				std::map<std::string, std::vector<int>> map;
				for (int i = 0; i < n; i++)
					map[std::to_string(i * $1 % 17)].push_back(i);
				auto best = std::max_element(map.begin(), map.end(),
					[](const auto &a, const auto &b) { return a.second.size() < b.second.size(); });
				return (int)(best->second.size() + n$1::power<40>::value);
			}
		END
	fi
}

scenario() {
	local files=$1 i
	for ((i = 1; i <= files; i++)); do source_file $i; done
	{
		for ((i = 1; i <= files; i++)); do echo "int f$i(int);"; done
		echo '#include <stdio.h>'
		echo 'int main(void) { long sum = 0;'
		for ((i = 1; i <= files; i++)); do echo "sum += f$i(70 + $i);"; done
		echo 'printf("%ld%c", sum, 10); return 0; }'
	} >main.c
	cat >Makefile <<-'END'
		flags := -O2 -g -fPIC -fno-lto -ffile-prefix-map=$(CURDIR)=. -frandom-seed=1
		objects := $(addsuffix .o,$(basename $(sort $(wildcard s*.c s*.cc))))
		p: main.o libproject.so libproject.a; @gcc $(flags) -o $@ main.o -L. -lproject -Wl,-rpath,'$$ORIGIN'
		libproject.so: $(objects); @g++ $(flags) -shared -o $@ $^
		libproject.a: $(objects); @ar rcsD $@ $^
		%.o: %.c; @gcc $(flags) -Wall -c -o $@ $<
		%.o: %.cc; @g++ $(flags) -Wall -c -o $@ $<
	END
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -s -j2 && find . -name 's*.o' | wc -l && ./p
}

same scenario "$(by_length 12 100)"
