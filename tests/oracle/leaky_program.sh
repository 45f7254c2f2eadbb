#!/bin/bash
# A small C program with every malloc-family function.
. "$(dirname "$0")/valgrind.inc"
need gcc

cat >p.c <<'END'
#define _GNU_SOURCE
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
int main(void)
{
	void *p;
	char *volatile s = strdup("hello");
	for (int i = 1; i < 100; i++) {
		s = realloc(s, i * 50);
		if (posix_memalign(&p, 64, i * 3)) return 1;
		if (i % 3) free(p);
		p = calloc(i, 3);
		if (i % 2) free(p);
		p = aligned_alloc(32, 64 * i);
		p = reallocarray(p, 2, i);
	}
	printf("%s\n", (char *)s);
	return 0;
}
END
reason="what was not written to (lost blocks, the buffer of stdout) has pointers of the free memory that it was"
explain_class definite -314 -2 "$reason"
explain_class indirect 150 1 "$reason"
explain_class possible 164 1 "$reason"
reused
gcc -g -O0 -fno-builtin -o p p.c && oracle ./p
