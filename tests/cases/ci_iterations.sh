#!/bin/bash
# leak ci --iterations runs the command so often, and tells what each site leaves for an iteration.
. "$(dirname "$0")/../lib.sh"
need gcc jq

gcc -g -O0 -w -o p -x c - <<<'#include <stdio.h>
#include <stdlib.h>
int main(int argc, char **argv)
{
	FILE *runs = fopen("runs", "a+");
	void *volatile lost = malloc(120);

	lost = 0;
	fputs("x", runs);
	fseek(runs, 0, SEEK_END);
	int status = argc > 1 && ftell(runs) == atoi(argv[1]);
	fclose(runs);
	return status;
}' || fail "cannot compile"

"$leak" ci --iterations=4 --fail-on='site:per-iter>119' -- ./p >out 2>err
expect_eq "status over the limit" 23 $?
expect_eq "runs" 4 "$(wc -c <runs)"
grep -q '^#1  480 bytes in 4 blocks definitely lost by malloc, 4 processes, 120 bytes an iteration' err || fail "no such site: $(cat err)"
"$leak" ci --iterations=4 --fail-on='per-iter>120' -- ./p >out 2>err
expect_eq "status at the limit" 0 $?
# Its own failure ends it.
rm runs
"$leak" ci --iterations=4 -- ./p 2 >out 2>err
expect_eq "status of a run that fails" 1 $?
expect_eq "runs until it fails" 2 "$(wc -c <runs)"
"$leak" ci --iterations=0 -- ./p >out 2>err
expect_eq "status of no run at all" 2 $?
exit 0
