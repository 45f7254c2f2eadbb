/*
 * Orders the processes of a model for readers. Called by cmd_model.c after loading. A process id
 * that came back within one recording may be taken for the parent; then only ties are affected.
 */
#include "load_order.h"

#include "memory.h"

#include <stdlib.h>

#define DEPTH_MAX 64

struct place {
	struct process process;
	unsigned depth; /* recorded ancestors */
};

static int compare_pids(const void *a, const void *b)
{
	const struct process *one = a, *other = b;

	return one->pid < other->pid ? -1 : one->pid > other->pid;
}

static int compare_places(const void *a, const void *b)
{
	const struct place *one = a, *other = b;

	if (one->process.start_realtime_ns != other->process.start_realtime_ns)
		return one->process.start_realtime_ns < other->process.start_realtime_ns ? -1 : 1;
	if (one->depth != other->depth)
		return one->depth < other->depth ? -1 : 1;
	return compare_pids(&one->process, &other->process);
}

/* `model->processes` are sorted by pid. */
static unsigned depth_of(const struct model *model, const struct process *process)
{
	unsigned depth = 0;

	for (; depth < DEPTH_MAX; depth++) {
		struct process key = {.pid = process->ppid};
		process = bsearch(
			&key, model->processes, model->process_count, sizeof(key), compare_pids);
		if (process == NULL)
			break;
	}
	return depth;
}

void load_order(struct model *model)
{
	struct place *places = memory_zero(model->process_count, sizeof(*places));

	if (model->process_count)
		qsort(model->processes, model->process_count, sizeof(*model->processes),
			compare_pids);
	for (size_t i = 0; i < model->process_count; i++)
		places[i] = (struct place){.process = model->processes[i],
			.depth = depth_of(model, &model->processes[i])};
	if (model->process_count)
		qsort(places, model->process_count, sizeof(*places), compare_places);
	for (size_t i = 0; i < model->process_count; i++)
		model->processes[i] = places[i].process;
	free(places);
}
