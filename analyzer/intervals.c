/* The times between marks, see intervals.h. Called by load_image.c and, for each block, by
 * live_blocks.c. */
#include "intervals.h"

#include "memory.h"

#include <stdio.h>
#include <stdlib.h>

static const char *title_of(struct model *model, const struct image_epoch *epoch)
{
	char label[EPOCH_LABEL_MAX];

	image_epoch_label(epoch, label);
	if (!label[0])
		snprintf(label, sizeof(label), "(mark %u)", epoch->number);
	return model_string(model, label);
}

void intervals_make(struct intervals *ret, const struct image_tables *tables, struct model *model)
{
	ret->items = memory_zero(tables->epoch_count + 1, sizeof(*ret->items));
	ret->items[0].title = model_string(model, "(before the first mark)");
	ret->count = 1;
	for (size_t i = 0; i < tables->epoch_count; i++) {
		const struct image_epoch *epoch = &tables->epochs[i];

		if (epoch->kind != EPOCH_MARK)
			continue;
		ret->items[ret->count].moment = epoch->moment;
		ret->items[ret->count++].title = title_of(model, epoch);
	}
}

void intervals_free(struct intervals *intervals)
{
	free(intervals->items);
}

uint32_t intervals_find(const struct intervals *intervals, uint64_t moment)
{
	size_t low = 1, high = intervals->count;

	while (low < high) {
		size_t middle = (low + high) / 2;
		if (intervals->items[middle].moment <= moment)
			low = middle + 1;
		else
			high = middle;
	}
	return (uint32_t)(low - 1);
}
