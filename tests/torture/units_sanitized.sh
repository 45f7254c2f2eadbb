#!/bin/bash
# timeout: 600
# The unit tests under AddressSanitizer and UndefinedBehaviorSanitizer: nothing is found. (fuzz/replay.sh does the
# same for every reader.) Leaks are not looked for: the analyzer keeps its model to its end.
. "$(dirname "$0")/../lib.sh"
need gcc make

echo 'int main(void) { return 0; }' >none.c
gcc -fsanitize=address,undefined -o none none.c 2>/dev/null || skip "no AddressSanitizer here"
copy_sources
sources=("$tests"/unit/test_*.c)
names=("${sources[@]##*/}")
names=("${names[@]%.c}")
make -s -j2 SAN=address CFLAGS_SAN='-fsanitize=address,undefined -fno-omit-frame-pointer -O0' "${names[@]/#/build/san-address/unit/}" >make.log 2>&1 ||
	{ tail make.log; fail "it does not build"; }
export UBSAN_OPTIONS=halt_on_error=1 ASAN_OPTIONS=detect_leaks=0
for name in "${names[@]}"; do
	"build/san-address/unit/$name" >log 2>&1 || { tail -n 40 log; fail "$name"; }
	! grep -q 'runtime error' log || { cat log; fail "$name: undefined behaviour"; }
done
echo "counted: ${#names[@]} unit tests"
