/*
 * Finds the frame that a word of a stack is in, see core_stacks.h. Called by cmd_who_points.c
 * behind load_core. A frame reaches from its stack pointer to its caller's.
 */
#include "core_stacks.h"

#define RED_ZONE 128u

/* The frame of a thread that a word is in, 0: none that is known. */
static uint32_t frame_at(
	const struct model *model, const struct last_thread *thread, uint64_t address)
{
	uint32_t frame = thread->frame;

	for (size_t i = 0; frame && i < thread->frame_count; i++) {
		uint64_t next = i + 1 < thread->frame_count ? thread->stack_pointers[i + 1] : 0;
		uint64_t start = thread->stack_pointers[i] - (i == 0 ? RED_ZONE : 0);
		if (thread->stack_pointers[i] && address >= start && address < next)
			return frame;
		frame = model->frames[frame].parent;
	}
	return 0;
}

void core_stacks_find(struct model *model, const struct process *process)
{
	const struct core_facts *facts = process->core_facts;

	for (size_t i = 0; i < model->path_count; i++) {
		struct path *path = &model->paths[i];
		if (path->pid != process->pid || path->root.kind != KEPT_BY_STACK)
			continue;
		for (size_t t = 0; t < facts->thread_count; t++) {
			const struct last_thread *thread = &facts->threads[t];
			if (thread->tid != path->root.tid || !thread->stack_pointers)
				continue;
			uint32_t frame = frame_at(model, thread, path->root.address);
			if (frame)
				path->root.frame = model_frame(model, 0,
					model->frames[frame].module, model->frames[frame].offset,
					model->frames[frame].flags & FRAME_EXACT);
		}
	}
}
