#!/bin/bash
# A program closes every descriptor, 0 to 2 as well, and opens files of its own: all is recorded, and they hold what it wrote.
# pitfall: P16
. "$(dirname "$0")/../lib.sh"
need gcc jq

cat >p.c <<'END'
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
static void *blocks[100000];
int main(int argc, char **argv)
{
	char name[16], content[16];

	for (int i = 0; i < 1000; i++)
		blocks[i] = malloc(24);
	if (!strcmp(argv[argc - 1], "range"))
		syscall(SYS_close_range, 0, ~0u, 0);
	else
		closefrom(0);
	for (int i = 0; i < 8; i++) {
		sprintf(name, "data%d", i);
		if (open(name, O_RDWR | O_CREAT | O_TRUNC, 0600) != i || write(i, name, 5) != 5)
			return 2;
	}
	for (int i = 1000; i < 100000; i++)
		if (!(blocks[i] = malloc(24)))
			return 3;
	for (int i = 0; i < 100000; i += 2)
		free(blocks[i]);
	for (int i = 0; i < 8; i++) {
		sprintf(name, "data%d", i);
		if (pread(i, content, sizeof(content), 0) != 5 || memcmp(content, name, 5))
			return 4;
	}
	return 7;
}
END
gcc -g -O0 -o p p.c || fail "cannot compile"
for how in from range; do
	rm -f data* "$work"/images/*
	./p $how
	expect_eq "status of the bare run" 7 $?
	sha256sum data* >bare
	rm -f data*
	OPTIONS=summary=1 preloaded ./p $how
	expect_eq "status with close$how" 7 $?
	expect_eq "files with close$how" "$(cat bare)" "$(sha256sum data*)"
	report
	expect_eq "left with close$how" "50000 1200000 clean 0" "$(field '.processes[0] |
		"\(.live.blocks) \(.live.bytes) \(.state) \(.not_recorded.dropped_events)"')"
	# It was cut to its length, through a descriptor that is gone again.
	[ "$(stat -c %s "$work"/images/*)" -lt 5000000 ] || fail "the image is $(stat -c %s "$work"/images/*) bytes long"
done
