/* Our memory and its list, see own.h. */
#include <link.h>

#include "preload/own.h"
#include "preload/faults.h"
#include "preload/pieces.h"
#include "preload/sys.h"

/* The first page is in our data, where a short process touches its beginning only. */
static SPARSE struct image_own_page first;

static bool note(uintptr_t start, uintptr_t end)
{
	struct image_own_page *page;

	if (pieces_add(&first, start, end))
		return true;
	page = fault_here() ? NULL : sys_memory(sizeof(*page));
	if (!page)
		return false;
	/* It is ours as well. */
	pieces_add(page, (uintptr_t)page, (uintptr_t)page + sizeof(*page));
	pieces_link(&first.next, page);
	return pieces_add(page, start, end);
}

static size_t whole_pages(size_t size)
{
	return (size + IMAGE_PAGE - 1) & ~(size_t)(IMAGE_PAGE - 1);
}

void *own_memory(size_t size)
{
	void *memory = fault_here() ? NULL : sys_memory(size);

	if (!memory)
		return NULL;
	if (note((uintptr_t)memory, (uintptr_t)memory + whole_pages(size)))
		return memory;
	sys_munmap(memory, size);
	return NULL;
}

void own_release(void *memory, size_t size)
{
	pieces_remove(&first, (uintptr_t)memory, (uintptr_t)memory + whole_pages(size));
	sys_munmap(memory, size);
}

/* Where our data ends another mapping may begin, and the kernel makes one of the two: only we know
 * how far ours goes. */
void own_begin(void)
{
	extern const ElfW(Ehdr) __ehdr_start __attribute__((visibility("hidden")));
	extern const char _end[] __attribute__((visibility("hidden")));

	note((uintptr_t)&__ehdr_start, whole_pages((uintptr_t)_end));
}

const struct image_own_page *own_list(void)
{
	return &first;
}

void own_each(void (*visit)(void *context, uintptr_t start, uintptr_t end), void *context)
{
	pieces_each(&first, visit, context);
}
