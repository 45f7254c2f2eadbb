#!/bin/bash
# The line of counts comes at exit, _exit, quick_exit and exec; a forked child counts from zero.
. "$(dirname "$0")/../lib.sh"
need gcc

cat >p.c <<'END'
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
static void make(int n) { while (n--) { void *volatile p = malloc(8); free(p); } }
int main(int argc, char **argv)
{
	make(100);
	if (argc > 1 && !strcmp(argv[1], "_exit")) _exit(3);
	if (argc > 1 && !strcmp(argv[1], "quick_exit")) quick_exit(3);
	if (argc > 1 && !strcmp(argv[1], "exec")) execl(argv[0], argv[0], "_exit", NULL);
	if (argc > 1 && !strcmp(argv[1], "fork")) {
		if (fork() == 0) { make(5); _exit(0); }
		wait(NULL);
	}
	return 3;
}
END
gcc -g -o p p.c || fail "cannot compile"
counted() { # HOW: events of each process, a line each
	OPTIONS=verify=1:oracle=libgcc preloaded ./p "$1" 2>err
	expect_eq "status with $1" 3 $?
	sed -n 's/^libleak: verify: p\[[0-9]*\]: \([0-9]*\) events compared, 0 differences; .*/\1/p' err | paste -sd' '
	expect_eq "other output with $1" '' "$(grep -v '^libleak: verify: ' err)"
}
expect_eq 'return' 100 "$(counted return)"
expect_eq '_exit' 100 "$(counted _exit)"
expect_eq 'quick_exit' 100 "$(counted quick_exit)"
expect_eq 'exec' '100 100' "$(counted exec)"
expect_eq 'fork' '5 100' "$(counted fork)"
OPTIONS=verify=1 preloaded ./p 2>err
grep -q '100 events compared, 0 differences; remembered 100' err || fail "without an oracle: $(cat err)"
