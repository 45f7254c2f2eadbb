#!/bin/bash
# `leak run --limit=60%` copies the image when a limit is near, also of a program that maps files.
. "$(dirname "$0")/../lib.sh"

cat >p.c <<'END'
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
static void *volatile kept[500];
int main(void)
{
	char answer;
	for (int i = 0; i < 500; i++) kept[i] = malloc(1000);
	/* Address space that nobody touches, and no allocation after it. */
	mmap(NULL, 400 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	return read(0, &answer, 1) == 1 ? 7 : 8;
}
END
gcc -g -O0 -o p p.c || fail "cannot compile"
mkfifo go
(
	ulimit -v 600000
	exec "$leak" run --limit=60% -o "$work/images/p.leak" -- ./p <go >out 2>err
) &
run=$!
exec {to}>go
taken() {
	compgen -G 'leak.p.*.snap1.leak'
}
wait_for 20 taken || fail "no snapshot: $(cat err)"
echo >&"$to"
wait $run
expect_eq "status" 7 $?
run_leak report --json "$(taken)" >"$work/report.json" || fail "the snapshot cannot be read"
expect_eq "live blocks then" 500 "$(field '.processes[0].live.blocks')"
field '.processes[0].snapshot.label' | grep -Eqx 'address space at [0-9.]+ MiB of 585.9 MiB' ||
	fail "label: $(field '.processes[0].snapshot.label')"
grep -Eq 'address space at [0-9.]+ MiB of 585.9 MiB; next: leak report leak\.p\.[0-9]+\.snap1\.leak$' err ||
	fail "said: $(cat err)"
expect_eq "snapshots" 1 "$(find . -name '*.snap*' | wc -l)"
"$leak" run --limit=100 -- ./p >out 2>err
expect_eq "status of a wrong limit" 2 $?
