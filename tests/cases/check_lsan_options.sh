#!/bin/bash
# What LeakSanitizer's options say about roots is heeded: the user's, then the program's own.
. "$(dirname "$0")/../lib.sh"
cat >p.c <<'END'
#include <stdlib.h>
static void *volatile global;
static __thread void *volatile local;
#ifdef DEFAULTS
const char *__lsan_default_options(void)
{
	return "exitcode=99:" DEFAULTS;
}
#endif
static void make(void)
{
	global = malloc(30);
	local = malloc(50);
}
int main(void)
{
	make();
	return 0;
}
END
gcc -w -o plain p.c && gcc -w -rdynamic -DDEFAULTS='"use_tls=0:print_suppressions=0"' -o asks p.c || fail "cannot compile"
lost() { # PROGRAM: bytes that are definitely lost
	rm -f "$work/images/"*
	preloaded "./$1" >out 2>&1
	expect_eq "status and output of $1" "0 " "$? $(cat out)"
	report
	field '.processes[0].classes.definite.bytes'
}
expect_eq "without options" 0 "$(lost plain)"
expect_eq "LSAN_OPTIONS" 30 "$(LSAN_OPTIONS=use_globals=0:detect_leaks=1:nonsense=7 lost plain)"
expect_eq "LSAN_OPTIONS against LEAK_OPTIONS" 0 "$(OPTIONS=use_globals=1 LSAN_OPTIONS=use_globals=0 lost plain)"
expect_eq "the program's own" 50 "$(lost asks)"
expect_eq "the program's own against LSAN_OPTIONS" 0 "$(LSAN_OPTIONS=use_tls=1 lost asks)"
expect_eq "both" 80 "$(LSAN_OPTIONS=use_globals=0 lost asks)"
