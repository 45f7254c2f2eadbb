/*
 * Words the verdict. Called by cmd_report.c after aggregate, by the text renderer for the states.
 * It says what was not freed; whether something still points to it is not known here.
 */
#define _GNU_SOURCE
#include "verdict.h"

#include "text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* When the blocks were live, where all processes agree. */
static const char *moment_phrase(const struct model *model)
{
	size_t snapshots = 0;

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
	if (model->process_count == 0)
		return "not freed";
	if (model->processes[0].state == STATE_RUNNING && model->processes[0].core)
		return "live when the core was written";
	for (size_t i = 0; i < model->process_count; i++)
		snapshots += model->processes[i].snapshot_realtime_ns != 0;
	if (snapshots)
		return snapshots < model->process_count ? "not freed"
		       : snapshots == 1 ? "live when this snapshot was taken (still running then)"
					: "live when these snapshots were taken";
	return phrases[model->processes[0].state];
}

static int append(char *room, size_t size, int used, const char *text)
{
	return used +
	       snprintf(room + used, (size_t)used < size ? size - (size_t)used : 0, "%s", text);
}

static bool counts(const struct site *site)
{
	return site->class != CLASS_SUPPRESSED && !site->left_out;
}

/* The largest site of blocks, or the largest whose stack has a frame of the program's own. */
static const struct site *largest_site(const struct model *model, bool own_only)
{
	const struct site *largest = NULL;

	for (size_t i = 0; i < model->site_count; i++) {
		const struct site *site = &model->sites[i];
		if (site->kind != KIND_HEAP || !counts(site) || site->frame == 0 ||
			(own_only && !model_site_is_own(model, site)))
			continue;
		if (largest == NULL || site->live.bytes > largest->live.bytes)
			largest = site;
	}
	return largest;
}

static void name_place(const struct model *model, const struct site *site, char *room, size_t size)
{
	size_t index;
	const struct frame *frame = &model->frames[model_site_focus(model, site, &index)];
	const struct location *location = frame->symbol ? &frame->symbol->locations[index] : NULL;

	if (location && location->function && location->file && location->line)
		snprintf(room, size, "%.120s (%.120s:%u)", location->function,
			text_basename(location->file), location->line);
	else if (location && location->function)
		snprintf(room, size, "%.200s", location->function);
	else
		snprintf(room, size, "%.200s", model->modules[frame->module].name);
}

/* A developer can change own code: its largest site is worth naming before a library's. */
static void add_largest(struct model *model, uint64_t bytes, size_t sites, char *room, size_t size)
{
	const struct site *all = largest_site(model, false), *own = largest_site(model, true);
	const struct site *named = own ? own : all;
	char where[300] = "", share[TEXT_SMALL];

	if (named == NULL)
		return;
	name_place(model, named, where, sizeof(where));
	if (where[0] == '\0')
		return;
	if (sites == 1)
		snprintf(room, size, " in %s", where);
	else
		snprintf(room, size, "; the largest%s, in %s, holds %s",
			named->live.bytes < all->live.bytes ? " of your own code" : "", where,
			text_share(share, named->live.bytes, bytes));
}

/* What the verdict adds up. */
struct sums {
	struct amount heap, mapped; /* what the report is about */
	struct amount all_heap;     /* also what --filter left out */
	size_t heap_sites, suppressed;
};

static void add(struct amount *sum, const struct amount *more)
{
	sum->bytes += more->bytes;
	sum->blocks += more->blocks;
}

static struct sums sum_up(const struct model *model)
{
	struct sums sums = {0};

	for (size_t i = 0; i < model->site_count; i++) {
		const struct site *site = &model->sites[i];
		if (site->class == CLASS_SUPPRESSED) {
			sums.suppressed += !site->left_out;
			continue;
		}
		if (site->kind == KIND_HEAP)
			add(&sums.all_heap, &site->live);
		if (site->left_out)
			continue;
		add(site->kind == KIND_HEAP ? &sums.heap : &sums.mapped, &site->live);
		sums.heap_sites += site->kind == KIND_HEAP;
	}
	return sums;
}

/* "'Widget' and 'main'" */
static const char *filter_names(const struct scope *scope, char *room, size_t size)
{
	room[0] = '\0';
	for (size_t i = 0, used = 0; i < scope->filter_count && used < size; i++)
		used += (size_t)snprintf(
			room + used, size - used, "%s'%.80s'", i ? " and " : "", scope->filters[i]);
	return room;
}

static bool is_truncated(const struct model *model)
{
	for (size_t i = 0; i < model->process_count; i++)
		if (model->processes[i].readable_bytes < model->processes[i].wanted_bytes)
			return true;
	return false;
}

/* There is no unfreed block to speak of. */
static int say_none(const struct model *model, const struct sums *sums, char *line, size_t size)
{
	const struct scope *scope = &model->scope;
	char names[256];

	if (is_truncated(model))
		return snprintf(line, size,
			"cannot tell: the image is truncated, and what is left of it shows no "
			"unfreed block");
	filter_names(scope, names, sizeof(names));
	if (model->filtered_sites && sums->mapped.blocks == 0 && sums->suppressed == 0)
		return snprintf(line, size, "no stack has %s in a function, file or module", names);
	if (model->filtered_sites)
		return snprintf(line, size, "no unfreed block matches %s", names);
	if (scope->older)
		return snprintf(line, size, "nothing unfreed is at least %s old", scope->older);
	return snprintf(line, size, "nothing left unfreed");
}

/* How much, out of how much, and since when. */
static int say_amount(const struct model *model, const struct sums *sums, char *line, size_t size)
{
	const struct scope *scope = &model->scope;
	char small[4][TEXT_SMALL], names[256], whole[400] = "", older[80] = "";

	if (scope->filter_count)
		snprintf(whole, sizeof(whole), "match %s, of %s in %s ",
			filter_names(scope, names, sizeof(names)),
			text_bytes(small[2], sums->all_heap.bytes),
			text_count(small[3], sums->all_heap.blocks));
	if (scope->older)
		snprintf(older, sizeof(older), ", at least %s old", scope->older);
	return snprintf(line, size, "%s%s in %s %s %s%s%s", is_truncated(model) ? "at least " : "",
		text_bytes(small[0], sums->heap.bytes), text_count(small[1], sums->heap.blocks),
		text_plural(sums->heap.blocks, "block", "blocks"), whole, moment_phrase(model),
		older);
}

/* "was killed by SIGSEGV in f (f.c:1)", and whether it wrote over its heap. */
static int say_crash(const struct model *model, const struct process *process, char *line, int used)
{
	const size_t size = sizeof(model->verdict.line);
	const struct core_facts *facts = process->core_facts;
	char more[512], where[300] = "";

	if (facts == NULL)
		return used;
	if (process->signal && facts->thread_count) {
		const struct site stack = {.frame = facts->threads[0].frame};
		const char *name = sigabbrev_np(process->signal);
		if (stack.frame)
			name_place(model, &stack, where, sizeof(where));
		snprintf(more, sizeof(more), "; killed by signal %d%s%s%s%s%s", process->signal,
			name ? " (SIG" : "", name ? name : "", name ? ")" : "",
			where[0] ? " in " : "", where);
		used = append(line, size, used, more);
	}
	for (size_t i = 0; i < facts->arena_count; i++) {
		if (!facts->arenas[i].corrupt)
			continue;
		snprintf(more, sizeof(more), "; its heap is corrupt at 0x%" PRIx64,
			facts->arenas[i].trouble_at);
		return append(line, size, used, more);
	}
	return used;
}

static size_t count_unrecorded(const struct model *model)
{
	size_t count = 0;

	for (size_t i = 0; i < model->process_count; i++)
		count += model->processes[i].unrecorded;
	return count;
}

/* Cores of processes without libleak. Returns false when there is something to say of others. */
static bool say_unrecorded(struct model *model)
{
	const size_t size = sizeof(model->verdict.line);
	char *line = model->verdict.line, small[TEXT_SMALL];
	size_t count = count_unrecorded(model);

	if (count == 0 || count < model->process_count)
		return false;
	int used = count == 1 ? snprintf(line, size,
					"%s: call sites are not known; here is what the core tells",
					model->processes[0].core_facts->recorder_loaded
						? "the recording of this process is not to be found"
						: "this process was not recorded by libleak")
			      : snprintf(line, size,
					"of these %s processes no recording is to be found: call "
					"sites are not known; here is what the cores tell",
					text_count(small, count));
	if (count == 1)
		say_crash(model, &model->processes[0], line, used);
	return true;
}

void verdict_decide(struct model *model)
{
	char small[2][TEXT_SMALL], more[512], largest[400] = "";
	char *line = model->verdict.line;
	const size_t size = sizeof(model->verdict.line);
	const struct sums sums = sum_up(model);
	int used;

	if (say_unrecorded(model))
		return;
	if (sums.heap.blocks == 0) {
		used = say_none(model, &sums, line, size);
	} else {
		used = say_amount(model, &sums, line, size);
		add_largest(model, sums.heap.bytes, sums.heap_sites, largest, sizeof(largest));
		snprintf(more, sizeof(more), ", %s call %s%s",
			text_count(small[0], sums.heap_sites),
			text_plural(sums.heap_sites, "site", "sites"), largest);
		used = append(line, size, used, more);
	}
	if (sums.mapped.blocks) {
		snprintf(more, sizeof(more), "; %s still mapped in %s %s",
			text_bytes(small[0], sums.mapped.bytes),
			text_count(small[1], sums.mapped.blocks),
			text_plural(sums.mapped.blocks, "region", "regions"));
		used = append(line, size, used, more);
	}
	if (count_unrecorded(model)) {
		snprintf(more, sizeof(more), "; %s of %s processes not recorded",
			text_count(small[0], count_unrecorded(model)),
			text_count(small[1], model->process_count));
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
		snprintf(room, size, "%s",
			process->core ? "lived on when its core was written"
			: process->snapshot_realtime_ns
				? "still running when this snapshot was taken"
				: "still running");
		return;
	default:
		break;
	}
	if (process->signal) {
		name = sigabbrev_np(process->signal);
		size_t used = (size_t)snprintf(room, size, "was killed by signal %d%s%s%s",
			process->signal, name ? " (SIG" : "", name ? name : "", name ? ")" : "");
		if (process->has_fault_address && used < size)
			snprintf(room + used, size - used, " at address 0x%" PRIx64,
				process->fault_address);
		return;
	}
	snprintf(room, size, "ended without a goodbye (killed, or crashed)");
}
