#!/bin/bash
# A library that comes back to where it was is the same module again, however often, and has the same sites; another
# file that comes there, also under its name, is another module. Two libraries that take turns do as one.
# pitfall: P5
. "$(dirname "$0")/../lib.sh"
need gcc

cat >p.c <<'END'
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

static void visit(const char *path)
{
	void *library = dlopen(path, RTLD_NOW), *(*work)(void);

	if (!library)
		exit(1);
	*(void **)&work = dlsym(library, "work");
	if (!work())
		exit(2);
	dlclose(library);
}

int main(int argc, char **argv)
{
	for (int i = 0; i < 200; i++) {
		visit(argv[1]);
		visit(argv[1 + i % 2]);
	}
	return rename(argv[3], argv[1]) ? 3 : (visit(argv[1]), argc == 4 ? 0 : 4);
}
END
gcc -g -O0 -o p p.c -ldl || fail 'cannot compile'
for name in first second third; do
	size=$((${#name} * 10))
	echo "extern void *malloc(unsigned long); void *work(void) { return malloc($size); }" >$name.c
	gcc -g -O0 -shared -fPIC -Wl,--build-id -o $name.so $name.c || fail 'cannot compile a library'
done
preloaded ./p "$PWD/first.so" "$PWD/second.so" "$PWD/third.so"
expect_eq status 0 $?
run_leak show "$(images)" >shown || fail "leak show: $?"
expect_eq 'modules that were first.so' 2 "$(grep -c 'build-id.*/first.so$' shown)"
expect_eq 'modules that were second.so' 1 "$(grep -c 'build-id.*/second.so$' shown)"
report
# The file that first.so was is gone: its 300 blocks have a line each in main, and no name.
expect_eq 'named blocks, and their bytes' '101 6050' "$(field '[.sites[] | select(any(.frames[]; .function == "work"))]
	| "\(map(.blocks) | add) \(map(.bytes) | add)"')"
