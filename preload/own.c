/*
 * The list of our anonymous memory, see own.h. Lock-free: a row is taken by its `start`, and valid
 * by its `end`.
 */
#include <stdatomic.h>

#include "preload/own.h"
#include "preload/sys.h"

/* The first page is in our data, where a short process touches its beginning only. */
static SPARSE struct image_own_page first;

static struct image_own_page *next_of(const struct image_own_page *page)
{
	return (struct image_own_page *)__atomic_load_n(&page->next, __ATOMIC_ACQUIRE);
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

/* Another page behind the first. */
static struct image_own_page *add_page(void)
{
	struct image_own_page *page = sys_memory(sizeof(*page));
	uint64_t next = first.next;

	if (!page)
		return NULL;
	take(page, (uintptr_t)page, (uintptr_t)page + sizeof(*page));
	do
		page->next = next;
	while (!__atomic_compare_exchange_n(
		&first.next, &next, (uintptr_t)page, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE));
	return page;
}

static bool note(uintptr_t start, uintptr_t end)
{
	struct image_own_page *page;

	for (page = &first; page; page = next_of(page)) {
		if (take(page, start, end))
			return true;
	}
	page = add_page();
	return page && take(page, start, end);
}

static size_t whole_pages(size_t size)
{
	return (size + IMAGE_PAGE - 1) & ~(size_t)(IMAGE_PAGE - 1);
}

void *own_memory(size_t size)
{
	void *memory = sys_memory(size);

	if (!memory)
		return NULL;
	if (note((uintptr_t)memory, (uintptr_t)memory + whole_pages(size)))
		return memory;
	sys_munmap(memory, size);
	return NULL;
}

static bool forget(struct image_own_page *page, uintptr_t start, uintptr_t end)
{
	for (size_t i = 0; i < IMAGE_OWN_PIECES; i++) {
		if (page->pieces[i].start != start || page->pieces[i].end != end)
			continue;
		__atomic_store_n(&page->pieces[i].end, 0, __ATOMIC_RELEASE);
		__atomic_store_n(&page->pieces[i].start, 0, __ATOMIC_RELEASE);
		return true;
	}
	return false;
}

void own_release(void *memory, size_t size)
{
	uintptr_t start = (uintptr_t)memory, end = start + whole_pages(size);

	for (struct image_own_page *page = &first; page; page = next_of(page)) {
		if (forget(page, start, end))
			break;
	}
	sys_munmap(memory, size);
}

const struct image_own_page *own_list(void)
{
	return &first;
}

void own_each(void (*visit)(void *context, uintptr_t start, uintptr_t end), void *context)
{
	for (const struct image_own_page *page = &first; page; page = next_of(page)) {
		for (size_t i = 0; i < IMAGE_OWN_PIECES; i++) {
			if (page->pieces[i].end)
				visit(context, page->pieces[i].start, page->pieces[i].end);
		}
	}
}
