/*
 * Sums up what was allocated by call site, without what is still there. Called by the formats for
 * profile viewers, once. Sites of which nothing is left are not in the model.
 */
#include "render_past.h"

#include "memory.h"
#include "render_table.h"

#include <stdlib.h>
#include <string.h>

/* Sites that differ in their class only. */
struct stack_key {
	const char *allocator_symbol; /* the model's string */
	uint32_t stack;
	uint32_t kind;
};

struct past {
	struct amount made, live;
	bool taken;
};

static uint64_t without(uint64_t all, uint64_t part)
{
	return all > part ? all - part : 0;
}

static size_t number_of(struct render_table *table, const struct site *site)
{
	struct stack_key key;

	memset(&key, 0, sizeof(key));
	key.allocator_symbol = site->allocator_symbol;
	key.stack = site->stack;
	key.kind = (uint32_t)site->kind;
	return render_table_add(table, &key, sizeof(key), NULL);
}

bool render_is_profiled(const struct row *row)
{
	return row->shown && row->site->class != CLASS_SUPPRESSED;
}

struct amount *render_past(const struct model *model)
{
	struct amount *amounts = memory_zero(model->row_count, sizeof(*amounts));
	struct past *pasts = memory_zero(model->site_count, sizeof(*pasts));
	struct render_table stacks = {0};

	for (size_t i = 0; i < model->site_count; i++) {
		const struct site *site = &model->sites[i];
		struct past *past = &pasts[number_of(&stacks, site)];
		past->made.bytes += site->counted.bytes;
		past->made.blocks += site->counted.blocks;
		past->live.bytes += site->live.bytes;
		past->live.blocks += site->live.blocks;
	}
	for (size_t i = 0; i < model->row_count && model->scope.older == NULL; i++) {
		struct past *past = &pasts[number_of(&stacks, model->rows[i].site)];
		if (!render_is_profiled(&model->rows[i]) || past->taken)
			continue;
		past->taken = true;
		amounts[i].bytes = without(past->made.bytes, past->live.bytes);
		amounts[i].blocks = without(past->made.blocks, past->live.blocks);
	}
	render_table_free(&stacks);
	free(pasts);
	return amounts;
}
