/* Making paths short, see path_steps.h. */
#include "preload/path_steps.h"

static struct image_path *last_row(struct path_steps *steps)
{
	if (steps->far_count)
		return &steps->far[(steps->far_count - 1) % PATH_FAR_ROWS];
	return steps->near_count ? &steps->near[steps->near_count - 1] : NULL;
}

static void join(struct image_path *row, const struct image_path *step)
{
	row->count++;
	if (row->offset != step->offset)
		row->flags |= PATH_SEVERAL_OFFSETS;
	if (row->size != step->size)
		row->flags |= PATH_SEVERAL_SIZES;
	row->flags |= step->into ? PATH_INTO : 0;
}

void path_steps_add(struct path_steps *steps, const struct image_path *step)
{
	struct image_path *last = last_row(steps), *row;

	if (last && last->site == step->site) {
		join(last, step);
		return;
	}
	if (steps->near_count < PATH_NEAR_ROWS) {
		row = &steps->near[steps->near_count++];
	} else {
		row = &steps->far[steps->far_count % PATH_FAR_ROWS];
		if (steps->far_count++ >= PATH_FAR_ROWS)
			steps->left_out += row->count;
	}
	*row = *step;
	row->flags |= step->into ? PATH_INTO : 0;
}

size_t path_steps_rows(const struct path_steps *steps, struct image_path *ret)
{
	uint64_t kept = steps->far_count < PATH_FAR_ROWS ? steps->far_count : PATH_FAR_ROWS;
	size_t rows = 0;

	for (; rows < steps->near_count; rows++)
		ret[rows] = steps->near[rows];
	if (steps->left_out)
		ret[rows++] = (struct image_path){.kind = PATH_LEFT_OUT, .count = steps->left_out};
	for (uint64_t i = steps->far_count - kept; i < steps->far_count; i++)
		ret[rows++] = steps->far[i % PATH_FAR_ROWS];
	return rows;
}
