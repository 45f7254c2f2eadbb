/*
 * Cuts the stacks of a model, whose frames are a tree that begins at the callers: what is left of a
 * stack is a branch of its own. Called by cmd_valgrind.c when the sites have their symbols.
 */
#include "cut_stacks.h"

/* The frame and its callers, `most` in all, as a stack of their own. The model's frames may move.
 */
static uint32_t cut(struct model *model, uint32_t number, size_t most)
{
	if (number == 0 || most == 0)
		return 0;
	const struct frame frame = model->frames[number];
	uint32_t parent = cut(model, frame.parent, most - 1);
	if (parent == frame.parent)
		return number;
	uint32_t copy = model_frame(model, parent, frame.module, frame.offset, frame.flags);
	model->frames[copy].symbol = frame.symbol;
	if (parent)
		model->frames[copy].tails = frame.tails;
	return copy;
}

void cut_stacks(struct model *model, size_t most)
{
	for (size_t i = 0; i < model->site_count; i++)
		model->sites[i].frame = cut(model, model->sites[i].frame, most);
}
