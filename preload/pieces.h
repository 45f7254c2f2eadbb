/*
 * Lists of ranges of addresses, in pages of struct image_own_page, which readers of this process's
 * memory follow, too. Lock-free, any thread, also in a signal handler: a row is taken by its
 * `start`, and valid by its `end`. Pages are never given back.
 */
#ifndef LEAK_PIECES_H
#define LEAK_PIECES_H

#include <stdbool.h>
#include <stdint.h>

#include "preload/image_format.h"

/* Takes a free row in one of the pages from `page` (NULL: none) on. False when there is none. */
bool pieces_add(struct image_own_page *page, uintptr_t start, uintptr_t end);

/* Frees the row with exactly this range, if there is one. */
void pieces_remove(struct image_own_page *page, uintptr_t start, uintptr_t end);

/* Calls `visit` with each, in no order. */
void pieces_each(const struct image_own_page *page,
	void (*visit)(void *context, uintptr_t start, uintptr_t end), void *context);

/* Puts a fresh page behind a link: a list's beginning, or a page's `next`. */
void pieces_link(uint64_t *link, struct image_own_page *fresh);

#endif
