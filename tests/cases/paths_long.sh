#!/bin/bash
# Paths of the program, of a library and of the working directory that are longer than their places in the
# image, and LEAK_OPTIONS that are longer than all of them, are whole in the report: of the process, of its
# forked child, and of a running one.
. "$(dirname "$0")/../lib.sh"
need gcc jq

long=$work/run
for ((i = 0; i < 12; i++)); do long+=/$(printf '%0100d' "$i"); done
mkdir -p "$long" && cd "$long" || fail 'cannot make a long path'

echo '#include <stdlib.h>
void *from_library(size_t size) { return malloc(size); }' >lib.c
echo '#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
void *from_library(size_t size);
void *volatile block;
int main(int argc, char **argv)
{
	int end = argc > 1 ? atoi(argv[1]) : 0;

	block = from_library(10);
	if (fork() == 0) {
		block = from_library(20);
		_exit(0);
	}
	wait(NULL);
	if (end == 1)
		abort();
	for (;end;)
		pause();
	block = NULL;
	return 0;
}' >p.c
gcc -g -shared -fPIC -o libone.so lib.c && gcc -g -o p p.c -L. -lone -Wl,-rpath,"$long" || fail 'cannot compile'

# whole WHICH: every process in $work/report.json has its path, and every block its two named frames.
whole() {
	expect_eq "programs $1" "$long/p" "$(field '[.processes[].exe] | unique[]')"
	expect_eq "frames $1" "from_library lib.c $long/libone.so, main p.c $long/p" \
		"$(field '[.sites[] | select(.kind == "heap") | .frames[:2]
			| map("\(.function) \(.file | split("/") | last) \(.module)") | join(", ")] | unique[]')"
}

many=$(printf 'depth=100:%.0s' {1..600})
OPTIONS=${many}depth=1 preloaded ./p || fail "status $?"
report
expect_eq 'frames, by the last option' 1 "$(field '[.sites[] | select(.kind == "heap") | .frames | length] | max')"
all="output=$work/images/leak.%e.%p.leak:${many}depth=1"
run_leak show "$(images | head -n 1)" >show.txt || fail "leak show: $?"
grep -qE "^  options +${all:0:4095}\$" show.txt || fail "the beginning of the options is not kept: $(grep options show.txt)"

rm -f "$work"/images/*
OPTIONS=${many:0:1000}depth=100 preloaded ./p || fail "status $?"
report
expect_eq 'processes' 2 "$(field '.processes | length')"
whole 'at the end'
for image in $(images); do
	run_leak show "$image" >show.txt || fail "leak show: $?"
	for words in "exe +$long/p" "cwd +$long" "options .*:${many:0:1000}depth=100"; do
		grep -qE "^  $words\$" show.txt || fail "leak show lacks $words"
	done
	grep -qE "^ .* $long/libone.so\$" show.txt || fail 'leak show lacks the library'
done

rm -f "$work"/images/*
preloaded ./p 2 &
trap 'pkill -9 -P $! 2>/dev/null; cleanup' EXIT
for ((i = 0; i < 500; i++)); do
	sleep 0.02
	pid=$(pgrep -P $! | head -n 1)
	[ -n "$pid" ] && run_leak report --json "$pid" >"$work/report.json" 2>/dev/null &&
		[ "$(field '[.sites[] | select(.frames[0].function == "from_library")] | length')" = 1 ] && break
done
whole 'of a running process'
