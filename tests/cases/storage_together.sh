#!/bin/bash
# A file's pages are made many at a time, where the program cannot notice it: not with a second thread, in a sandbox, or beyond a limit.
. "$(dirname "$0")/../lib.sh"
need gcc jq strace

cat >p.c <<'END'
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

static void *blocks[200000];

static void *idle(void *nothing)
{
	pause();
	return nothing;
}

int main(int argc, char **argv)
{
	const char *how = argv[argc - 1];
	struct rlimit limit = {1 << 20, 1 << 20};
	pthread_t thread;

	if (!strcmp(how, "thread"))
		pthread_create(&thread, NULL, idle, NULL);
	if (!strcmp(how, "sandbox"))
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (!strcmp(how, "limit"))
		setrlimit(RLIMIT_FSIZE, &limit);
	for (int i = 0; i < 200000; i++)
		blocks[i] = malloc(24);
	return 0;
}
END
gcc -g -O0 -pthread -o p p.c || fail "cannot compile"
run() { # HOW: sets $written to the bytes of zeros that were written
	rm -f "$work"/images/*
	strace -f -o trace -e trace=pwritev,pwrite64 -E LD_PRELOAD="$lib" \
		-E LEAK_OPTIONS="output=$work/images/%e.%p.leak" ./p "$1" || skip "strace does not work here"
	"$leak" report --format=json "$work"/images/* >"$work/report.json" 2>/dev/null
	expect_eq "recorded with $1" "true 0" \
		"$(field '.processes[0] | "\(.live.blocks >= 200000) \(.not_recorded.dropped_events)"')"
	written=$(awk '/pwrite.*"(\\0)+"/ { n += $NF } END { print n + 0 }' trace)
}
run alone
whole=$(stat -c %s "$work"/images/*)
case $(stat -f -c %T "$work/images") in
tmpfs) expect_eq "written to tmpfs" 0 "$written" && exit 0 ;;
btrfs | overlayfs) skip "the image lies on no file system that keeps storage" ;;
esac
expect_eq "written" "$whole" "$written"
[ "$whole" -gt 2000000 ] || fail "the image is too small to tell"
run thread
first=$written
[ "$first" -gt 0 ] && [ "$first" -lt 1000000 ] || fail "with a second thread $first bytes are written"
run sandbox
expect_eq "written in a sandbox" "$first" "$written"
run limit
[ "$written" -le 1048576 ] || fail "beyond the limit on the size of files: $written bytes"
