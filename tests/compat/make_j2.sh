#!/bin/bash
# make -j2 over a small tree.
. "$(dirname "$0")/../lib.sh"
need make gcc
program make make --version

scenario() {
	for i in 1 2 3 4 5 6; do echo "int f$i(void) { return $i; }" >f$i.c; done
	echo 'int f6(void); int main(void) { return f6(); }' >main.c
	printf 'p: f1.o f2.o f3.o f4.o f5.o f6.o main.o\n\t@gcc -o $@ $^\n%%.o: %%.c\n\t@gcc -c -frandom-seed=1 -o $@ $<\n' >Makefile
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -s -j2
	./p
}
STATUS=6
same scenario
