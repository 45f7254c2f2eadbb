/* Lists of ranges, see pieces.h. */
#include <stddef.h>

#include "preload/pieces.h"

static struct image_own_page *next_of(const struct image_own_page *page)
{
	return (struct image_own_page *)(uintptr_t)__atomic_load_n(&page->next, __ATOMIC_ACQUIRE);
}

bool pieces_add(struct image_own_page *page, uintptr_t start, uintptr_t end)
{
	for (; page; page = next_of(page)) {
		for (size_t i = 0; i < IMAGE_OWN_PIECES; i++) {
			uint64_t none = 0;

			if (!__atomic_compare_exchange_n(&page->pieces[i].start, &none, start,
				    false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
				continue;
			__atomic_store_n(&page->pieces[i].end, end, __ATOMIC_RELEASE);
			return true;
		}
	}
	return false;
}

void pieces_remove(struct image_own_page *page, uintptr_t start, uintptr_t end)
{
	for (; page; page = next_of(page)) {
		for (size_t i = 0; i < IMAGE_OWN_PIECES; i++) {
			if (__atomic_load_n(&page->pieces[i].start, __ATOMIC_ACQUIRE) != start ||
				__atomic_load_n(&page->pieces[i].end, __ATOMIC_ACQUIRE) != end)
				continue;
			__atomic_store_n(&page->pieces[i].end, 0, __ATOMIC_RELEASE);
			__atomic_store_n(&page->pieces[i].start, 0, __ATOMIC_RELEASE);
			return;
		}
	}
}

void pieces_each(const struct image_own_page *page,
	void (*visit)(void *context, uintptr_t start, uintptr_t end), void *context)
{
	for (; page; page = next_of(page)) {
		for (size_t i = 0; i < IMAGE_OWN_PIECES; i++) {
			if (page->pieces[i].end)
				visit(context, page->pieces[i].start, page->pieces[i].end);
		}
	}
}

void pieces_link(uint64_t *link, struct image_own_page *fresh)
{
	uint64_t next = __atomic_load_n(link, __ATOMIC_ACQUIRE);

	do
		fresh->next = next;
	while (!__atomic_compare_exchange_n(
		link, &next, (uintptr_t)fresh, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE));
}
