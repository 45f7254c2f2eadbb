/* A list that only grows, whose rows are used again. A forked child has its parent's. */
#include <stdatomic.h>
#include <stdbool.h>

#include "preload/root_regions.h"
#include "preload/image.h"
#include "preload/own.h"

#define ROWS 255

struct row {
	_Atomic uintptr_t start; /* 0: free */
	_Atomic size_t size;
};

struct page {
	struct page *next;
	uint64_t reserved;
	struct row rows[ROWS];
};

static struct page *_Atomic pages;

static bool take(struct page *page, uintptr_t start, size_t size)
{
	for (size_t i = 0; i < ROWS; i++) {
		uintptr_t none = 0;

		if (!atomic_compare_exchange_strong(&page->rows[i].start, &none, start))
			continue;
		atomic_store(&page->rows[i].size, size);
		return true;
	}
	return false;
}

void root_regions_add(uintptr_t start, size_t size)
{
	struct page *page;

	if (!start || !size)
		return;
	for (page = atomic_load(&pages); page; page = page->next) {
		if (take(page, start, size))
			return;
	}
	page = own_memory(sizeof(*page));
	if (!page) {
		image_count_lost(LOST_DROPPED_REGIONS, 1);
		return;
	}
	take(page, start, size);
	page->next = atomic_load(&pages);
	while (!atomic_compare_exchange_weak(&pages, &page->next, page))
		;
}

void root_regions_remove(uintptr_t start, size_t size)
{
	for (struct page *page = atomic_load(&pages); page; page = page->next) {
		for (size_t i = 0; i < ROWS; i++) {
			if (atomic_load(&page->rows[i].start) != start ||
				atomic_load(&page->rows[i].size) != size)
				continue;
			atomic_store(&page->rows[i].size, 0);
			atomic_store(&page->rows[i].start, 0);
			return;
		}
	}
}

void root_regions_each(void (*visit)(void *context, uintptr_t start, uintptr_t end), void *context)
{
	for (const struct page *page = atomic_load(&pages); page; page = page->next) {
		for (size_t i = 0; i < ROWS; i++) {
			uintptr_t start = atomic_load(&page->rows[i].start);
			size_t size = atomic_load(&page->rows[i].size);

			if (start && size)
				visit(context, start, start + size);
		}
	}
}
