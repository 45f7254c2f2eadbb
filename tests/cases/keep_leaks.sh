#!/bin/bash
# keep=leaks: a clean end with nothing left leaves no image; any other end, or a block, or a region, does.
. "$(dirname "$0")/../lib.sh"
need gcc

cat >p.c <<'END'
#define _GNU_SOURCE
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>
static void *volatile block;
int main(int argc, char **argv)
{
	const char *leave = argv[1], *end = argv[2];
	void *map = mmap(NULL, 8192, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)argc;
	block = malloc(100);
	if (strcmp(leave, "block"))
		free(block);
	if (!strcmp(leave, "region"))
		munmap(map, 4096);
	else
		munmap(map, 8192);
	if (!strcmp(leave, "gone")) /* the directory of the image */
		rename(argv[3], argv[4]);
	if (!strcmp(end, "_exit"))
		_exit(3);
	if (!strcmp(end, "quick"))
		quick_exit(3);
	if (!strcmp(end, "kill"))
		kill(getpid(), SIGKILL);
	if (!strcmp(end, "exec"))
		execl("/bin/sh", "sh", "-c", "exit 3", (char *)NULL);
	exit(3);
}
END
gcc -g -O0 -o p p.c 2>/dev/null || fail "cannot compile"

# left LEAVE END: the images' names, apart from that of the program executed.
left() {
	rm -f "$work"/images/*
	OPTIONS=keep=leaks${OPTIONS:+:$OPTIONS} preloaded ./p "$@" >out 2>err
	status=$?
	find "$work/images" -name 'leak.p.*' | wc -l
}
for end in exit _exit quick; do
	expect_eq "images of nothing left, $end" 0 "$(left nothing $end)"
	left nothing $end >/dev/null
	expect_eq "status of nothing left, $end" 3 $status
	expect_eq "output of nothing left, $end" '' "$(cat out err)"
	expect_eq "images of a block left, $end" 1 "$(left block $end)"
	expect_eq "images of a region left, $end" 1 "$(left region $end)"
done
expect_eq "images of nothing left, killed" 1 "$(left nothing kill)"
expect_eq "images of nothing left, executed another" 1 "$(left nothing exec)"
rm -f "$work"/images/*
preloaded ./p nothing exit
expect_eq "images without the option" 1 "$(find "$work/images" -name 'leak.p.*' | wc -l)"

# summary=1 asks for a line.
OPTIONS=summary=1 left nothing exit >/dev/null
expect_eq "the line" "leak: p[N]: nothing left unfreed; no image is kept (keep=leaks)" "$(sed 's/\[[0-9]*\]/[N]/' err)"

# Where the name does not lead to the image any more, what is there stays, and the image with it.
mkdir "$work/images/a"
OPTIONS=keep=leaks:output=$work/images/a/x.leak preloaded ./p gone exit "$work/images/a" "$work/images/b"
expect_eq "status when the image was moved" 3 $?
[ -s "$work/images/b/x.leak" ] || fail "the image that was moved is gone"

# leak run takes the missing image for what it is.
(cd "$work/run" && LEAK_OPTIONS=keep=leaks "$leak" run -- ./p nothing exit) >out 2>err
expect_eq "status of leak run" 3 $?
expect_eq "what leak run says" "leak: p[N]: nothing left unfreed; no image is kept (keep=leaks)" "$(sed 's/\[[0-9]*\]/[N]/' err)"
