#!/bin/bash
# The core of a recorded process: call sites, threads with their names; the map and heaps with -v.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/core.inc"

need gcc jq
cat >p.c <<'END'
#define _GNU_SOURCE
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>
static void *crasher(void *arg)
{
	pthread_setname_np(pthread_self(), "the worker");
	void *volatile block = malloc(100);
	(void)block;
	usleep(200000);
	*(volatile int *)16 = 1;
	return arg;
}
int main(void)
{
	pthread_t thread;
	pthread_create(&thread, NULL, crasher, NULL);
	pthread_join(thread, NULL);
	return 0;
}
END
gcc -g -O0 -w -o p p.c -lpthread || fail "cannot compile"
crash env LD_PRELOAD="$lib" LEAK_OPTIONS="output=$work/images/p.leak" "$PWD/p"
run_leak report --json "$core" >"$work/report.json" 2>"$work/report.err" || fail "leak report failed: $(cat "$work/report.err")"
expect_eq "process" "true crashed 11 16" "$(field '.processes[0] | "\(.recorded) \(.state) \(.signal) \(.fault_address)"')"
expect_eq "threads" 2 "$(field '.processes[0].threads_at_end | length')"
expect_eq "the one that crashed" "crasher:11" "$(stack 0)"
expect_eq "the other" "main:18" "$(stack 1)"
expect_eq "arenas" 2 "$(field '.processes[0].heap.arenas | length')"
expect_eq "tables" 1 "$(field '.processes[0].memory_map[] | select(.kind == "recorder").mappings')"
expect_eq "site" "crasher 100" "$(field '[.sites[] | select(.frames[0].function == "crasher")][0] | "\(.frames[0].function) \(.bytes)"')"

run_leak report "$core" >"$work/report.txt" || fail "status $?"
in_text '^VERDICT  no block is lost; .* still reachable when the process was killed$' '^address 0x10: a null pointer and 16 bytes more$' \
	'^threads when it died: 2$' '^thread [0-9]+ ".*", took signal 11 \(SIGSEGV\)$'
! grep -qE '^memory map|^heap of|^not known:' "$work/report.txt" || fail "the map is there without -v: $(cat "$work/report.txt")"
run_leak report -v "$core" >"$work/report.txt" || fail "status $?"
in_text '^memory map: ' "^ +[0-9.]+ KiB .*  libleak's own tables$" '^heap of glibc.s malloc: '

# Another core beside it, of a process that was not recorded.
mv "$core" recorded.core
crash "$PWD/p"
core_report "$core" recorded.core
expect_eq "two cores" "false true" "$(field '[.processes | sort_by(.recorded)[].recorded] | map(tostring) | join(" ")')"
field .verdict | grep -q '; 1 of 2 processes not recorded$' || fail "verdict of two: $(field .verdict)"

# The core was written without the tables, and the image is lost.
crash env LD_PRELOAD="$lib" LEAK_OPTIONS="output=$work/images/q.leak:core=0" "$PWD/p"
if [ "$(cat /proc/self/coredump_filter)" = 00000033 ]; then
	rm "$work/images/q.leak"
	core_report "$core"
	"$leak" report "$core" >"$work/report.txt" 2>/dev/null
	in_text '^VERDICT  the recording of this process is not to be found: call sites are not known; here is what the core tells; killed by signal 11' \
		'libleak\.so was there: put the image, \*\.leak, beside the core, or give --sysroot$'
fi
exit 0
