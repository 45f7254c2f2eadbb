/* The blocks since some moment, see check_since.h. */
#include "preload/check_since.h"
#include "preload/stacks.h"

/* Where the walk over all blocks is in the list of the young ones. */
struct counting {
	struct check_since *since;
	const struct check_address_page *page;
	uint64_t at;
};

bool check_since_add(
	struct check_since *since, struct check_memory *memory, const struct live_entry *block)
{
	if (block->moment < since->moment || block->site == SITE_IGNORED)
		return true;
	since->live.blocks++;
	since->live.bytes += block->size;
	return check_addresses_add(&since->young, memory, block->address);
}

static bool count_block(void *context, const struct reach_block *block)
{
	struct counting *counting = context;
	struct check_since *since = counting->since;

	if (!counting->page)
		return false;
	if (counting->page->words[counting->at] != block->address)
		return true;
	since->classes[block->class].blocks++;
	since->classes[block->class].bytes += block->size;
	if (++counting->at == counting->page->count) {
		counting->page = counting->page->next;
		counting->at = 0;
	}
	return true;
}

void check_since_count(struct check_since *since, struct reach *reach)
{
	struct counting counting = {.since = since, .page = since->young.first};

	reach_each(reach, count_block, &counting);
}
