// Tables and trees that libc makes for the program keep their blocks, or lose them with their handle.
// classes: definite=4088/2 indirect=40/1 reachable=8661/12
#define _GNU_SOURCE
#include "parts/far.h"

#include <obstack.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#define obstack_chunk_alloc malloc
#define obstack_chunk_free free

static void *tree, *lost_tree;
static struct obstack kept;

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void work(void)
{
	struct obstack lost;

	/* A node of tsearch has a key and two links. */
	for (int i = 0; i < 3; i++) {
		char *key = strdup("key a");
		key[4] += i;
		tsearch(key, &tree, compare);
	}
	tsearch("static", &lost_tree, compare);
	lost_tree = NULL;

	/* A table of 11 entries, one more, of 24 bytes. */
	hcreate(11);
	hsearch((ENTRY){.key = strdup("key"), .data = malloc(60)}, ENTER);

	/* Chunks of 4064 bytes, one at first; the second is for what does not fit. */
	obstack_init(&kept);
	*(void **)obstack_alloc(&kept, 8) = malloc(40);
	obstack_alloc(&kept, 4000);
	obstack_alloc(&kept, 4000);
	obstack_init(&lost);
	*(void **)obstack_alloc(&lost, 8) = malloc(40);
	memset(&lost, 0, sizeof(lost));
}

int main(void)
{
	far_below(work);
	return 0;
}
