/*
 * Words the verdict. Called by cmd_report.c after aggregate, by the text renderer for the states.
 * It says what was not freed; whether something still points to it is not known here.
 */
#define _GNU_SOURCE
#include "verdict.h"

#include "text.h"

#include <stdio.h>
#include <string.h>

/* When the blocks were live, where all processes agree. */
static const char *moment_phrase(const struct model *model)
{
	static const char *const phrases[] = {
		[STATE_CLEAN] = "not freed at exit",
		[STATE_EXEC] = "not freed when another program took over",
		[STATE_RUNNING] = "live right now (still running)",
		[STATE_KILLED] = "not freed when the process was killed",
		[STATE_CRASHED] = "not freed when the process was killed",
	};

	for (size_t i = 1; i < model->process_count; i++)
		if (model->processes[i].state != model->processes[0].state)
			return "not freed";
	return model->process_count ? phrases[model->processes[0].state] : "not freed";
}

static int append(char *room, size_t size, int used, const char *text)
{
	return used +
	       snprintf(room + used, (size_t)used < size ? size - (size_t)used : 0, "%s", text);
}

static void add_largest(struct model *model, uint64_t bytes, size_t sites, char *room, size_t size)
{
	const struct site *worst = NULL;
	char where[300] = "", share[TEXT_SMALL];

	for (size_t i = 0; i < model->site_count; i++) {
		const struct site *site = &model->sites[i];
		if (site->kind == KIND_HEAP && site->class != CLASS_SUPPRESSED &&
			(worst == NULL || site->live.bytes > worst->live.bytes))
			worst = site;
	}
	if (worst == NULL || worst->frame == 0)
		return;
	size_t index;
	const struct frame *frame = &model->frames[model_site_focus(model, worst, &index)];
	const struct location *location = frame->symbol ? &frame->symbol->locations[index] : NULL;
	if (location && location->function && location->file && location->line)
		snprintf(where, sizeof(where), "%.120s (%.120s:%u)", location->function,
			text_basename(location->file), location->line);
	else if (location && location->function)
		snprintf(where, sizeof(where), "%.200s", location->function);
	else
		snprintf(where, sizeof(where), "%.200s", model->modules[frame->module].name);
	if (where[0] == '\0')
		return;
	if (sites == 1)
		snprintf(room, size, " in %s", where);
	else
		snprintf(room, size, "; the largest, in %s, holds %s", where,
			text_share(share, worst->live.bytes, bytes));
}

static size_t count_heap_sites(const struct model *model)
{
	size_t count = 0;

	for (size_t i = 0; i < model->site_count; i++)
		count += model->sites[i].kind == KIND_HEAP &&
			 model->sites[i].class != CLASS_SUPPRESSED;
	return count;
}

static bool is_truncated(const struct model *model)
{
	for (size_t i = 0; i < model->process_count; i++)
		if (model->processes[i].readable_bytes < model->processes[i].wanted_bytes)
			return true;
	return false;
}

void verdict_decide(struct model *model)
{
	char small[3][TEXT_SMALL], largest[340] = "", older[80] = "";
	struct amount heap = {0}, mapped = {0};
	char *line = model->verdict.line;
	const size_t size = sizeof(model->verdict.line);
	size_t sites = count_heap_sites(model);
	int used = 0;

	for (size_t i = 0; i < model->site_count; i++) {
		const struct site *site = &model->sites[i];
		struct amount *sum = site->kind == KIND_HEAP ? &heap : &mapped;
		if (site->class == CLASS_SUPPRESSED)
			continue;
		sum->bytes += site->live.bytes;
		sum->blocks += site->live.blocks;
	}
	if (model->older_ns)
		snprintf(older, sizeof(older), ", older than %s",
			text_time(small[0], model->older_ns));
	if (heap.blocks == 0 && is_truncated(model)) {
		used = snprintf(line, size,
			"cannot tell: the image is truncated, and what is left of it shows no "
			"unfreed block");
	} else if (heap.blocks == 0) {
		used = snprintf(line, size, "nothing left unfreed%s", older);
	} else {
		add_largest(model, heap.bytes, sites, largest, sizeof(largest));
		used = snprintf(line, size, "%s%s in %s %s %s%s, %s call %s%s",
			is_truncated(model) ? "at least " : "", text_bytes(small[0], heap.bytes),
			text_count(small[1], heap.blocks),
			text_plural(heap.blocks, "block", "blocks"), moment_phrase(model), older,
			text_count(small[2], sites), text_plural(sites, "site", "sites"), largest);
	}
	if (mapped.blocks) {
		char more[160];
		snprintf(more, sizeof(more), "; %s still mapped in %s %s",
			text_bytes(small[0], mapped.bytes), text_count(small[1], mapped.blocks),
			text_plural(mapped.blocks, "region", "regions"));
		append(line, size, used, more);
	}
}

void verdict_state(const struct process *process, char *room, size_t size)
{
	const char *name;

	switch (process->state) {
	case STATE_CLEAN:
		snprintf(room, size, "exited with status %d", process->exit_status);
		return;
	case STATE_EXEC:
		snprintf(room, size, "replaced itself by another program (exec)");
		return;
	case STATE_RUNNING:
		snprintf(room, size, "still running");
		return;
	default:
		break;
	}
	if (process->signal) {
		name = sigabbrev_np(process->signal);
		snprintf(room, size, "was killed by signal %d%s%s%s", process->signal,
			name ? " (SIG" : "", name ? name : "", name ? ")" : "");
		return;
	}
	snprintf(room, size, "ended without a goodbye (killed, or crashed)");
}
