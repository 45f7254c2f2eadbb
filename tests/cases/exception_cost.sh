#!/bin/bash
# C++ throw/catch costs at most 1.05 times the bare run's instructions, in a C++ program and in a C
# program that loads a C++ plugin. Counted by callgrind inside the loop only, so that neither start
# nor end of the process counts.
# pitfall: P14
. "$(dirname "$0")/../lib.sh"
need g++ gcc valgrind

cat >loop.cc <<'END'
#include <stdexcept>
static void refuse(int round) { if (round >= 0) throw round; }
extern "C" int thrower_loop(int rounds)
{
	int caught = 0;
	for (int round = 0; round < rounds; round++) {
		try { refuse(round); } catch (int) { caught++; }
	}
	return caught;
}
#ifdef PROGRAM
int main() { thrower_loop(1); return thrower_loop(2000) != 2000; }
#endif
END
cat >host.c <<'END'
#include <dlfcn.h>
int main(void)
{
	void *plugin = dlopen("./libloop.so", RTLD_NOW | RTLD_LOCAL);
	int (*loop)(int);
	if (!plugin)
		return 1;
	*(void **)&loop = dlsym(plugin, "thrower_loop");
	loop(1);
	return loop(2000) != 2000;
}
END
g++ -g -O1 -DPROGRAM -o program loop.cc && g++ -g -O1 -fPIC -shared -o libloop.so loop.cc &&
	gcc -g -o host host.c -ldl || fail "cannot compile"

# instructions PROGRAM: inside thrower_loop, both calls.
instructions() {
	valgrind -q --tool=callgrind --callgrind-out-file="$work/callgrind.out" \
		--toggle-collect=thrower_loop "$1" >/dev/null 2>"$work/valgrind.err" ||
		{ cat "$work/valgrind.err" >&2; return 1; }
	sed -n 's/^\(summary\|totals\): *//p' "$work/callgrind.out" | head -1
}

for program in ./program ./host; do
	bare=$(instructions $program) || fail "$program fails bare"
	with=$(LD_PRELOAD=$lib LEAK_OPTIONS=output=$work/images/x.%p.leak instructions $program) ||
		fail "$program fails under the recorder"
	echo "$program: $bare instructions bare, $with under the recorder"
	[ "$bare" -gt 1000000 ] || fail "too few to mean anything"
	[ $((with * 100)) -le $((bare * 105)) ] || fail "$program: more than 1.05 times"
done
