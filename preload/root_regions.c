/* A list that only grows, whose rows are used again. A forked child has its parent's. */
#include "preload/root_regions.h"
#include "preload/image.h"
#include "preload/own.h"
#include "preload/pieces.h"

static uint64_t pages; /* address of the first page; 0: none yet */

static struct image_own_page *first_page(void)
{
	return (struct image_own_page *)(uintptr_t)__atomic_load_n(&pages, __ATOMIC_ACQUIRE);
}

const void *root_regions_list(void)
{
	return &pages;
}

void root_regions_add(uintptr_t start, size_t size)
{
	struct image_own_page *page;

	if (!start || !size || pieces_add(first_page(), start, start + size))
		return;
	page = own_memory(sizeof(*page));
	if (!page) {
		image_count_lost(LOST_DROPPED_REGIONS, 1);
		return;
	}
	pieces_add(page, start, start + size);
	pieces_link(&pages, page);
}

void root_regions_remove(uintptr_t start, size_t size)
{
	pieces_remove(first_page(), start, start + size);
}

void root_regions_each(void (*visit)(void *context, uintptr_t start, uintptr_t end), void *context)
{
	pieces_each(first_page(), visit, context);
}
