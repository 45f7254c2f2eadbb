#define _GNU_SOURCE
#include "blocks.h"
#include "contents.h"
#include "sites.h"

#include <errno.h>
#include <stdlib.h>

__thread volatile sig_atomic_t in_allocator;

static bool is_zeroed(uint32_t site)
{
	return site == SITE_CALLOC || site == SITE_CALLOC_BYTES;
}

static size_t align_of(uint32_t site, const struct job *job)
{
	switch (site) {
	case SITE_POSIX_MEMALIGN:
	case SITE_MEMALIGN:
	case SITE_ALIGNED_ALLOC:
	case SITE_NEW_ALIGNED:
	case SITE_NEW_ARRAY_ALIGNED_NOTHROW:
		return job->align;
	case SITE_VALLOC:
	case SITE_PVALLOC:
		return PAGE;
	default:
		return told->other && job->size <= 8 ? 8 : 16;
	}
}

static size_t random_size(uint64_t *random)
{
	uint64_t choice = next_random(random) % 1000, size = next_random(random);

	if (choice < told->large)
		return (128u << 10) + size % (2u << 20);
	if (choice < told->large + 20)
		return 0;
	if (choice < told->large + 100)
		return 500 + size % (16u << 10);
	return 1 + size % 520;
}

static struct job random_job(uint64_t *random, bool resize)
{
	uint64_t choice = next_random(random);
	uint32_t site, depth = choice >> 8 & 7, path = choice >> 16 & 0x3ffff;
	size_t size;

	do
		site = resize ? MODEL_MAKERS + next_random(random) % (MODEL_SITES - MODEL_MAKERS)
			      : next_random(random) % MODEL_MAKERS;
	while ((told->limited && site_may_throw(site)) || (told->other && site == SITE_PVALLOC));
	depth %= told->depth + 1;
	size = random_size(random);
	return (struct job){.stack = MODEL_STACK(site, depth, path & ((1u << 3 * depth) - 1)),
		.left = depth,
		.size = told->other ? size | 1 : size,
		.align = 16ul << next_random(random) % 9};
}

/* What an allocation left in *block: another one, or what was there. `made` is its result. */
static inline __attribute__((always_inline)) void note(
	struct model_block *block, const struct job *job, void *made, uint32_t root, uint64_t fill)
{
	uint32_t site = CALL_SITE(job->stack);
	bool resize = site >= MODEL_MAKERS;

	if (!made && resize && job->size == 0) { /* glibc: it was a free */
		block->address = 0;
		return;
	}
	if (!made) {
		atomic_fetch_add(&told->failed, 1);
		return;
	}
	if ((uintptr_t)made % align_of(site, job))
		wrong("%p of site %u, %zu bytes, is not aligned to %zu", made, site, job->size,
			align_of(site, job));
	if (resize)
		contents_check(block, made, block->size < job->size ? block->size : job->size);
	else if (is_zeroed(site))
		contents_check_zero(made, job->size);
	*block = (struct model_block){.address = (uintptr_t)made,
		.size = job->size,
		.fill = fill,
		.stack = job->stack,
		.root = root,
		.align = (uint32_t)job->align};
	contents_fill(block);
}

#define ACT(name, root)                                                                            \
	CODE void name(struct model_block *block, uint64_t *random)                                \
	{                                                                                          \
		struct job job = random_job(random, block->address != 0);                          \
		uint64_t fill = next_random(random);                                               \
		void *made;                                                                        \
                                                                                                   \
		job.block = (void *)block->address;                                                \
		in_allocator++;                                                                    \
		made = go_on(&job);                                                                \
		in_allocator--;                                                                    \
		note(block, &job, made, root, fill);                                               \
	}

ACT(act, IN_ACT)
ACT(act_in_handler, IN_HANDLER)
ACT(act_in_child, IN_CHILD)

bool block_can_resize(const struct model_block *block)
{
	return site_can_resize(CALL_SITE(block->stack));
}

void block_release(struct model_block *block, uint64_t *random)
{
	void *at = (void *)block->address;
	size_t size = block->size, align;
	uint64_t choice = next_random(random) % 3;

	contents_check(block, at, size);
	block->address = 0;
	/* The alignment that it was asked for with need not be the one that it is given back with
	 * under glibc, but it must be one that it has. */
	align = (uintptr_t)at & -(uintptr_t)at;
	if (told->other)
		align = block->align;
	else if (align > 4096)
		align = 4096;
	in_allocator++;
	site_release(CALL_SITE(block->stack), at, size, align, choice);
	in_allocator--;
}

void block_be_refused(struct model_block *block, uint64_t *random)
{
	volatile size_t huge = (size_t)PTRDIFF_MAX + 1 + next_random(random) % 4096;
	void *volatile got = NULL;
	void *place = block;

	in_allocator++;
	errno = 0;
	switch (next_random(random) % 4) {
	case 0:
		got = malloc(huge);
		break;
	case 1:
		got = calloc(2, huge / 2 + PAGE);
		break;
	case 2:
		if (block->address && block_can_resize(block))
			got = realloc((void *)block->address, huge);
		else
			got = malloc(huge);
		break;
	default:
		errno = posix_memalign(&place, 64, huge);
		if (place != block)
			wrong("a failed posix_memalign changed its pointer");
	}
	in_allocator--;
	if (got || (errno != ENOMEM && !told->other))
		wrong("%zu bytes were not refused: %p, errno %d", huge, got, errno);
	atomic_fetch_add(&told->refused, 1);
}

void block_check(const struct model_block *block)
{
	if (block->address)
		contents_check(block, (void *)block->address, block->size);
}

void blocks_tell(void)
{
	told->functions[IN_ACT] = (uintptr_t)act;
	told->functions[IN_HANDLER] = (uintptr_t)act_in_handler;
	told->functions[IN_CHILD] = (uintptr_t)act_in_child;
}
