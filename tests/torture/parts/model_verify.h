/*
 * Compares the image that the model program left with its shadow model: every block by address,
 * size and call path, and what was not recorded. Nothing may be there besides, and nothing may be
 * missing; the first difference ends the harness. Pages and children have files of their own.
 */
#ifndef LEAK_TESTS_MODEL_VERIFY_H
#define LEAK_TESTS_MODEL_VERIFY_H

#include "tests/torture/parts/model_picture.h"

/* So much was the same. */
struct model_compared {
	uint64_t blocks;
	uint64_t missing; /* blocks that the recorder has dropped, and counted */
	uint64_t site_blocks[MODEL_SITES + 1], site_bytes[MODEL_SITES + 1]; /* last: plugins' */
};

void model_verify(struct picture *picture, struct model_compared *ret);

#endif
