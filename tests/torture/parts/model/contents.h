/* What is in blocks: bytes that are made from the block's `fill`, and are checked again and again. */
#ifndef LEAK_TESTS_MODEL_CONTENTS_H
#define LEAK_TESTS_MODEL_CONTENTS_H

#include "told.h"

#include <stddef.h>

void contents_fill(const struct model_block *block);

/* Of a block whose bytes are at `at` now; `size`: so much of it was kept. */
void contents_check(const struct model_block *block, const void *at, size_t size);

/* As calloc leaves them. */
void contents_check_zero(const void *at, size_t size);

#endif
