#!/bin/bash
# leak doctor says of a program whether it can be measured, and what to do where it cannot.
# pitfall: F14
. "$(dirname "$0")/../lib.sh"
need gcc

echo 'int main(void) { return 0; }' >plain.c
gcc -g -o plain plain.c || fail "cannot compile"
gcc -g -O0 -o own -x c - <<<'#include <stddef.h>
void *malloc(size_t n) { static char room[65536]; static size_t at; at += n + 15 & ~15ul; return room + at - n; }
int main(void) { return 0; }' 2>/dev/null || fail "cannot compile"
strip -o stripped plain
strip --strip-debug -o names plain
printf '#!/bin/sh\nexit 0\n' >script
chmod +x script

# doctor STATUS PATTERN PROGRAM
doctor() {
	"$leak" doctor ${4:+"$4"} "$3" >out 2>err
	expect_eq "exit status for $3" "$1" $?
	grep -q "$2" out || fail "$3: no line '$2' in: $(cat out)"
	[ ! -s err ] || fail "$3: on stderr: $(cat err)"
}
doctor 0 '^ok    ./plain can be preloaded' ./plain
doctor 0 '^ok    ./plain has debug information' ./plain
doctor 0 '^next: leak run ./plain' ./plain
doctor 0 '^note  ./names has names of functions, but no lines; build it with -g' ./names
doctor 0 '^note  ./stripped is stripped' ./stripped
doctor 3 '^NO    ./own defines malloc itself' ./own
gcc -o spaces -x c - -ldl <<<'#define _GNU_SOURCE
#include <dlfcn.h>
int main(void) { return dlmopen(LM_ID_NEWLM, "libm.so.6", RTLD_NOW) == 0; }' || fail "cannot compile"
doctor 0 '^note  ./spaces calls dlmopen' ./spaces
doctor 0 '^ok    ./script is a script' ./script
doctor 3 '^NO    ./nowhere is no program' ./nowhere
[ "$(grep -c '^next' out)" = 0 ] || fail "a next step that cannot work: $(cat out)"
doctor 0 '^note  ./stripped' ./stripped -q
[ "$(grep -c '^ok' out)" = 0 ] || fail "-q says what is fine: $(cat out)"
if gcc -static -o static plain.c 2>/dev/null; then
	doctor 3 '^NO    ./static is statically linked' ./static
fi
if gcc -fsanitize=address -o sanitized plain.c 2>/dev/null; then
	doctor 3 '^NO    ./sanitized is built with AddressSanitizer' ./sanitized
fi
if [ "$(id -u)" = 0 ]; then
	cp plain other && chown 65534 other && chmod u+s other
	doctor 3 '^NO    ./other is set-user-id' ./other
fi
LEAK_LIBRARY=/dev/null "$leak" doctor ./plain >out
expect_eq "exit status without a library" 3 $?
grep -q '^NO ' out || fail "a library that is none: $(cat out)"
"$leak" doctor >out || fail "without a program"
(ulimit -c 0 && "$leak" doctor ./plain >out && grep -q '^note  ulimit -c is 0' out) || fail "cores: $(cat out)"
exit 0
