#include "tests/torture/parts/model_verify.h"
#include "tests/torture/parts/model_run.h"

#include <inttypes.h>
#include <stdio.h>

static const enum image_family families[MODEL_SITES] = {FAMILY_MALLOC, FAMILY_MALLOC, FAMILY_CALLOC,
	FAMILY_CALLOC, FAMILY_REALLOC, FAMILY_REALLOCARRAY, FAMILY_POSIX_MEMALIGN, FAMILY_MEMALIGN,
	FAMILY_ALIGNED_ALLOC, FAMILY_VALLOC, FAMILY_PVALLOC, FAMILY_NEW, FAMILY_NEW_ARRAY,
	FAMILY_NEW_NOTHROW, FAMILY_NEW_ARRAY_NOTHROW, FAMILY_NEW_ALIGNED,
	FAMILY_NEW_ARRAY_ALIGNED_NOTHROW, FAMILY_REALLOC, FAMILY_REALLOC, FAMILY_REALLOCARRAY};

/* Is this site the call path that the model has of the block? Of one that a handler made the part
 * up to the handler: what it interrupted may be anything. */
static bool is_path(const struct picture *picture, uint32_t site, const struct model_block *block)
{
	uint32_t stack = block->stack, node = picture_outer(picture, site);

	if (block->caller) /* 512: the alignment of the function */
		return image_tables_family(&picture->tables, site) == FAMILY_MALLOC &&
		       picture_call(picture, node) - block->caller < 512;
	if (image_tables_family(&picture->tables, site) != families[CALL_SITE(stack)] ||
		picture_function(picture, node) != (int)CALL_SITE(stack))
		return false;
	node = picture_outer(picture, node);
	for (uint32_t i = CALL_DEPTH(stack); i-- > 0; node = picture_outer(picture, node))
		if (picture_function(picture, node) != IN_ROUTE + (int)CALL_ROUTE(stack, i))
			return false;
	if (picture_function(picture, node) != (int)block->root)
		return false;
	return block->root != IN_ACT ||
	       picture_function(picture, picture_outer(picture, node)) == IN_WORKER;
}

static void check_block(
	struct picture *picture, const struct model_block *block, struct model_compared *ret)
{
	uint32_t site = block->caller ? MODEL_SITES : CALL_SITE(block->stack);
	struct picture_block *found;
	char path[512];

	if (!block->address)
		return;
	found = picture_find(picture, block->address);
	if (!found && may_drop && ++ret->missing <= picture->image.header.lost[LOST_DROPPED_EVENTS])
		return;
	if (!found)
		fail("missing in the image: block %#" PRIx64 ", %" PRIu64 " bytes, of %s",
			block->address, block->size,
			block->caller ? "a plugin" : picture_names[CALL_SITE(block->stack)]);
	picture_path(picture, found->image.site, path);
	if (found->image.size != block->size)
		fail("block %#" PRIx64 " has %" PRIu64 " bytes, the image says %" PRIu64 ":%s",
			block->address, block->size, found->image.size, path);
	if (!is_path(picture, found->image.site, block) &&
		!(may_drop && picture->image.header.lost[LOST_TRUNCATED_STACKS]))
		fail("block %#" PRIx64 " of %s, stack %#x, has another path in the image:%s",
			block->address,
			block->caller ? "a plugin" : picture_names[CALL_SITE(block->stack)],
			block->stack, path);
	if (found->explained)
		fail("block %#" PRIx64 " is in the model twice", block->address);
	found->explained = true;
	ret->blocks++;
	ret->site_blocks[site]++;
	ret->site_bytes[site] += block->size;
}

/* What the model does not know must be somebody else's: the innermost frame is not its own. */
static void check_others(struct picture *picture)
{
	char path[512];

	for (size_t i = 0; i < picture->count; i++) {
		const struct picture_block *block = &picture->blocks[i];

		if (block->explained ||
			picture_function(picture, picture_outer(picture, block->image.site)) < 0)
			continue;
		picture_path(picture, block->image.site, path);
		fail("in the image, but not in the model: block %#" PRIx64 ", %" PRIu64 " bytes:%s",
			block->image.address, block->image.size, path);
	}
	if (picture->allocs - picture->frees != picture->count && !may_drop)
		fail("%" PRIu64 " allocations less %" PRIu64 " frees are not %zu blocks",
			picture->allocs, picture->frees, picture->count);
}

static void check_lost(const struct image_header *header)
{
	static const char *const lost_names[] = {
#define X(id, name, text) name,
		IMAGE_LOST_TABLE(X)
#undef X
	};
	uint64_t failed = atomic_load(&told->failed) + atomic_load(&told->refused);

	for (int i = 0; i < LOST_COUNT; i++) {
		/* A handler on a stack of the model's interrupts anything, also code that has no
		 * unwind information. */
		if (header->lost[i] && !may_drop && i != LOST_PARTIAL_STACKS)
			fail("%" PRIu64 " %s", header->lost[i], lost_names[i]);
		if (header->lost[i])
			printf("lost %s %" PRIu64 "\n", lost_names[i], header->lost[i]);
	}
	/* Where memory ends, libraries have allocations that fail, too: those of the exception that
	 * a nothrow operator new catches. */
	if (told->limited ? header->failed_allocs < failed : header->failed_allocs != failed)
		fail("%" PRIu64 " allocations failed, the image says %" PRIu64, failed,
			header->failed_allocs);
}

void model_verify(struct picture *picture, struct model_compared *ret)
{
	*ret = (struct model_compared){0};
	check_lost(&picture->image.header);
	for (size_t i = 0; i < MODEL_BLOCKS; i++)
		check_block(picture, &told->blocks[i], ret);
	for (size_t i = 0; i < MODEL_WORKERS; i++)
		for (size_t n = 0; n < MODEL_HANDLER_EACH; n++)
			check_block(picture, &told->handler_blocks[i][n], ret);
	for (size_t i = 0; i < MODEL_PLUGIN_BLOCKS; i++)
		check_block(picture, &told->plugin_blocks[i], ret);
	check_others(picture);
}
