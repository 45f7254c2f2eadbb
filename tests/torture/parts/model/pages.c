#define _GNU_SOURCE
#include "pages.h"

#include <sys/mman.h>

#define PAGES_AT_ONCE 12

static struct model_page *page_at(struct model_page *pages, uint64_t address)
{
	for (uint32_t i = 0; i < MODEL_PAGES_EACH; i++)
		if (pages[i].address == address && address)
			return &pages[i];
	return NULL;
}

static uint32_t free_pages(const struct model_page *pages)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < MODEL_PAGES_EACH; i++)
		count += pages[i].address == 0;
	return count;
}

/* Pages next to each other from this one on, at most `limit`. */
static uint32_t run_from(struct model_page *pages, uint64_t address, uint32_t limit)
{
	uint32_t count = 0;

	while (count < limit && page_at(pages, address + count * PAGE))
		count++;
	return count;
}

static void forget_pages(struct model_page *pages, uint64_t address, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		page_at(pages, address + i * PAGE)->address = 0;
}

/* What is in a page: by its address when it was mapped, so not when it moves. */
static void write_pages(char *at, uint32_t count, uint32_t worker)
{
	for (uint32_t i = 0; i < count; i++)
		*(uint32_t *)(at + i * PAGE + 8) = 0xabcd0000u + worker;
}

static void check_pages(const char *at, uint32_t count, uint32_t worker)
{
	for (uint32_t i = 0; i < count; i++)
		if (*(const uint32_t *)(at + i * PAGE + 8) != 0xabcd0000u + worker)
			wrong("page %p of worker %u is damaged", at + i * PAGE, worker);
}

static void note_pages(struct worker *self, char *at, uint32_t count, uint32_t function)
{
	struct model_page *pages = told->pages_mapped[self->number];
	uint64_t call = atomic_fetch_add(&told->calls, 1);
	uint32_t i = 0;

	for (uint32_t n = 0; n < count; i++) {
		if (pages[i].address)
			continue;
		pages[i] = (struct model_page){
			.address = (uintptr_t)at + n++ * PAGE, .call = call, .function = function};
	}
	write_pages(at, count, self->number);
}

CODE static void map_pages(struct worker *self, uint32_t count)
{
	char *at = mmap(
		NULL, count * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at != MAP_FAILED)
		note_pages(self, at, count, IN_MAP);
}

CODE static void map_over(struct worker *self, uint64_t address, uint32_t count)
{
	char *at = mmap((void *)address, count * PAGE, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

	if (at == MAP_FAILED)
		return;
	forget_pages(told->pages_mapped[self->number], address, count);
	note_pages(self, at, count, IN_MAP_OVER);
}

/* It fails where the pages are more than one mapping to the kernel, and then nothing has changed.
 */
CODE static void remap(
	struct worker *self, uint64_t address, uint32_t count, uint32_t wanted, int flags)
{
	char *at = mremap((void *)address, count * PAGE, wanted * PAGE, flags);

	if (at == MAP_FAILED)
		return;
	check_pages(at, count < wanted ? count : wanted, self->number);
	forget_pages(told->pages_mapped[self->number], address, count);
	note_pages(self, at, wanted, IN_REMAP);
}

static void unmap(struct worker *self, uint64_t address, uint32_t count)
{
	if (munmap((void *)address, count * PAGE) == 0)
		forget_pages(told->pages_mapped[self->number], address, count);
}

void pages_step(struct worker *self)
{
	struct model_page *pages = told->pages_mapped[self->number];
	uint64_t choice = next_random(&self->random);
	uint32_t wanted = 1 + choice % PAGES_AT_ONCE, room = free_pages(pages), count;
	uint64_t address = pages[choice >> 8 & (MODEL_PAGES_EACH - 1)].address;

	count = address ? run_from(pages, address, 1 + (choice >> 20) % PAGES_AT_ONCE) : 0;
	if (count)
		check_pages((char *)address, count, self->number);
	if (!count || choice >> 32 & 1) {
		if (!count && room >= wanted)
			map_pages(self, wanted);
		else if (count)
			unmap(self, address, count);
	} else if (choice >> 33 & 1) {
		map_over(self, address, count);
	} else if (room >= wanted) {
		remap(self, address, count, wanted, choice >> 34 & 1 ? MREMAP_MAYMOVE : 0);
	}
}

void pages_check_all(void)
{
	for (uint32_t i = 0; i < MODEL_WORKERS; i++)
		for (uint32_t n = 0; n < MODEL_PAGES_EACH; n++)
			if (told->pages_mapped[i][n].address)
				check_pages((char *)told->pages_mapped[i][n].address, 1, i);
}

void pages_tell(void)
{
	told->functions[IN_MAP] = (uintptr_t)map_pages;
	told->functions[IN_MAP_OVER] = (uintptr_t)map_over;
	told->functions[IN_REMAP] = (uintptr_t)remap;
}
