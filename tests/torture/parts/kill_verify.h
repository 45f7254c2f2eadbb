/*
 * Compares the image of a dead victim with what the victim told of itself (kill_log.h):
 * every block that it told of as allocated is in the image, with its size and its stack; every one
 * that it told of as freed is not; what else differs is explained by the event, at most one a
 * thread, that was under way. Called by kill_harness.c, once the victim is dead.
 *
 * Where the recorder itself may have had no memory, a block may also be missing that it has counted
 * as dropped.
 */
#ifndef LEAK_TESTS_KILL_VERIFY_H
#define LEAK_TESTS_KILL_VERIFY_H

#include "analyzer/image_file.h"
#include "tests/torture/parts/kill_log.h"

#include <stdbool.h>

struct kill_found {
	struct image_header header;
	uint64_t blocks;        /* told of as allocated, and found */
	uint64_t missing;       /* told of as allocated, and counted as dropped */
	uint64_t under_way;     /* events that were */
	uint64_t others;        /* blocks of libc and the loader */
	uint64_t allocs, frees; /* the image's totals */
};

/* Opens an image file; image_close in any case. Returns 0, or -1 with a sentence in `error`. */
int kill_open(struct image_file *image, const char *path, struct error *error);

/* `may_drop`: the recorder may have had no memory. Returns 0, or -1 with a sentence in `error`: the
 * image cannot be read, or what it has wrong. */
int kill_verify(const char *image, const struct kill_log *log, bool may_drop,
	struct kill_found *ret, struct error *error);

#endif
