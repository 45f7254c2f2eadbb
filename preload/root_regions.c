/* A list that only grows, whose rows are used again. A forked child has its parent's. */
#include <stdbool.h>

#include "preload/root_regions.h"
#include "preload/image.h"
#include "preload/own.h"

static struct image_own_page *pages;

static struct image_own_page *first_page(void)
{
	return __atomic_load_n(&pages, __ATOMIC_ACQUIRE);
}

static struct image_own_page *next_of(const struct image_own_page *page)
{
	return (struct image_own_page *)(uintptr_t)page->next;
}

const void *root_regions_list(void)
{
	return &pages;
}

static bool take(struct image_own_page *page, uintptr_t start, uintptr_t end)
{
	for (size_t i = 0; i < IMAGE_OWN_PIECES; i++) {
		uint64_t none = 0;

		if (!__atomic_compare_exchange_n(&page->pieces[i].start, &none, start, false,
			    __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
			continue;
		__atomic_store_n(&page->pieces[i].end, end, __ATOMIC_RELEASE);
		return true;
	}
	return false;
}

void root_regions_add(uintptr_t start, size_t size)
{
	struct image_own_page *page, *first;

	if (!start || !size)
		return;
	for (page = first_page(); page; page = next_of(page)) {
		if (take(page, start, start + size))
			return;
	}
	page = own_memory(sizeof(*page));
	if (!page) {
		image_count_lost(LOST_DROPPED_REGIONS, 1);
		return;
	}
	take(page, start, start + size);
	first = first_page();
	do
		page->next = (uintptr_t)first;
	while (!__atomic_compare_exchange_n(
		&pages, &first, page, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE));
}

void root_regions_remove(uintptr_t start, size_t size)
{
	for (struct image_own_page *page = first_page(); page; page = next_of(page)) {
		for (size_t i = 0; i < IMAGE_OWN_PIECES; i++) {
			if (__atomic_load_n(&page->pieces[i].start, __ATOMIC_ACQUIRE) != start ||
				__atomic_load_n(&page->pieces[i].end, __ATOMIC_ACQUIRE) !=
					start + size)
				continue;
			__atomic_store_n(&page->pieces[i].end, 0, __ATOMIC_RELEASE);
			__atomic_store_n(&page->pieces[i].start, 0, __ATOMIC_RELEASE);
			return;
		}
	}
}

void root_regions_each(void (*visit)(void *context, uintptr_t start, uintptr_t end), void *context)
{
	for (const struct image_own_page *page = first_page(); page; page = next_of(page)) {
		for (size_t i = 0; i < IMAGE_OWN_PIECES; i++) {
			if (page->pieces[i].end)
				visit(context, page->pieces[i].start, page->pieces[i].end);
		}
	}
}
