/*
 * Words the verdict. Called by cmd_model.c after aggregate, by the text renderer for the states.
 * Where a check told the classes of blocks, it says what is lost, else what was not freed.
 */
#include "verdict.h"

#include "text.h"
#include "text_function.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FUNCTION_MAX 120 /* columns of a name that can be shortened */

/* When the blocks were live, where all processes agree; "" where they do not. */
static const char *when_phrase(const struct model *model, bool *ret_live)
{
	size_t snapshots = 0;

	static const char *const phrases[] = {
		[STATE_CLEAN] = "at exit",
		[STATE_EXEC] = "when another program took over",
		[STATE_RUNNING] = "right now (still running)",
		[STATE_KILLED] = "when the process ended",
		[STATE_CRASHED] = "when the process was killed",
	};

	*ret_live = false;
	for (size_t i = 1; i < model->process_count; i++)
		if (model->processes[i].state != model->processes[0].state)
			return "";
	if (model->process_count == 0)
		return "";
	*ret_live = model->processes[0].state == STATE_RUNNING;
	if (*ret_live && model->processes[0].core)
		return "when the core was written";
	for (size_t i = 0; i < model->process_count; i++)
		snapshots += model->processes[i].snapshot_realtime_ns != 0;
	if (snapshots) {
		*ret_live = snapshots == model->process_count;
		return !*ret_live       ? ""
		       : snapshots == 1 ? "when this snapshot was taken (still running then)"
					: "when these snapshots were taken";
	}
	return phrases[model->processes[0].state];
}

/* "not freed at exit", or of a class of blocks "definitely lost at exit". */
static const char *moment_phrase(
	const struct model *model, enum site_class class, char *room, size_t size)
{
	bool live;
	const char *when = when_phrase(model, &live);
	const char *word = model_is_classified(model) ? model_class_words[class]
			   : live                     ? "live"
						      : "not freed";

	snprintf(room, size, "%s%s%s", word, when[0] ? " " : "", when);
	return room;
}

static int append(char *room, size_t size, int used, const char *text)
{
	return used +
	       snprintf(room + used, (size_t)used < size ? size - (size_t)used : 0, "%s", text);
}

static bool counts(const struct site *site)
{
	return site->class != CLASS_SUPPRESSED && !site->left_out && !site->replaced;
}

/* What comes free with its blocks counts. */
static uint64_t weight(const struct site *site)
{
	return site->live.bytes + site->indirect.bytes;
}

/* The largest site of blocks of a class, or the largest whose stack has a frame of the program's
 * own. */
static const struct site *largest_site(
	const struct model *model, enum site_class class, bool own_only)
{
	const struct site *largest = NULL;

	for (size_t i = 0; i < model->site_count; i++) {
		const struct site *site = &model->sites[i];
		if (site->kind != KIND_HEAP || site->class != class || !counts(site) ||
			site->frame == 0 || (own_only && !model_site_is_own(model, site)))
			continue;
		if (largest == NULL || weight(site) > weight(largest))
			largest = site;
	}
	return largest;
}

void verdict_place(const struct model *model, const struct site *site, char *room, size_t size)
{
	size_t index;
	const struct frame *frame = &model->frames[model_site_focus(model, site, &index)];
	const struct location *location = frame->symbol ? &frame->symbol->locations[index] : NULL;

	if (location == NULL || location->function == NULL) {
		snprintf(room, size, "%.200s", model->modules[frame->module].name);
		return;
	}
	char *function = text_function(model, frame, location, false);
	text_shorten_function(function, FUNCTION_MAX);
	if (location->file && location->line)
		snprintf(room, size, "%s (%.120s:%u)", function, text_basename(location->file),
			location->line);
	else
		snprintf(room, size, "%s", function);
	free(function);
}

/* What the verdict adds up. */
struct sums {
	struct amount mapped;           /* what the report is about; its blocks are in the model */
	struct amount all[CLASS_COUNT]; /* blocks, also what --filter left out */
	struct amount indirect;       /* lost through definitely lost ones, as the check counted */
	uint64_t weight[CLASS_COUNT]; /* bytes, with those lost through them */
	size_t sites[CLASS_COUNT];    /* of blocks */
	size_t suppressed;            /* sites */
};

/* A developer can change own code: its largest site is worth naming before a library's. */
static void add_largest(struct model *model, enum site_class class, const struct sums *sums,
	char *room, size_t size)
{
	const struct site *all = largest_site(model, class, false);
	const struct site *own = largest_site(model, class, true);
	const struct site *named = own ? own : all;
	char where[VERDICT_PLACE] = "", share[TEXT_SMALL];

	if (named == NULL)
		return;
	verdict_place(model, named, where, sizeof(where));
	if (where[0] == '\0')
		return;
	if (sums->sites[class] == 1)
		snprintf(room, size, " in %s", where);
	else
		snprintf(room, size, "; the largest%s, in %s, holds %s",
			weight(named) < weight(all) ? " of your own code" : "", where,
			text_share(share, weight(named), sums->weight[class]));
}

static void add(struct amount *sum, const struct amount *more)
{
	sum->bytes += more->bytes;
	sum->blocks += more->blocks;
}

static struct sums sum_up(struct model *model)
{
	struct amount *heap = model->verdict.heap;
	struct sums sums = {0};

	memset(heap, 0, sizeof(model->verdict.heap));
	for (size_t i = 0; i < model->site_count; i++) {
		const struct site *site = &model->sites[i];
		if (site->replaced)
			continue;
		if (site->kind == KIND_HEAP)
			add(&sums.all[site->class], &site->live);
		if (site->left_out)
			continue;
		if (site->class == CLASS_SUPPRESSED)
			sums.suppressed++;
		if (site->kind != KIND_HEAP) {
			if (site->class != CLASS_SUPPRESSED)
				add(&sums.mapped, &site->live);
			continue;
		}
		add(&heap[site->class], &site->live);
		if (site->class != CLASS_SUPPRESSED)
			add(&sums.indirect, &site->indirect);
		sums.weight[site->class] += weight(site);
		sums.sites[site->class]++;
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

static bool is_heap_unseen(const struct model *model)
{
	for (size_t i = 0; i < model->process_count; i++)
		if (model->processes[i].heap_unseen)
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
	if (is_heap_unseen(model))
		return snprintf(line, size,
			"cannot tell: %s has an allocator in front of the recorder, whose blocks "
			"are not seen",
			model->process_count > 1 ? "one of the processes" : "the process");
	filter_names(scope, names, sizeof(names));
	if (model->filtered_sites && sums->mapped.blocks == 0 && sums->suppressed == 0)
		return snprintf(line, size, "no stack has %s in a function, file or module", names);
	if (model->filtered_sites)
		return snprintf(line, size, "no unfreed block matches %s", names);
	if (scope->older)
		return snprintf(line, size, "nothing unfreed is at least %s old", scope->older);
	return snprintf(line, size, "nothing left unfreed%s",
		sums->suppressed ? " but what is suppressed" : "");
}

/* How much of a class, out of how much, and since when. */
static int say_amount(const struct model *model, enum site_class class, const struct sums *sums,
	char *line, size_t size)
{
	const struct scope *scope = &model->scope;
	const struct amount *heap = &model->verdict.heap[class];
	char small[4][TEXT_SMALL], names[256], whole[400] = "", older[80] = "", moment[100];

	if (scope->filter_count)
		snprintf(whole, sizeof(whole), "match %s, of %s in %s ",
			filter_names(scope, names, sizeof(names)),
			text_bytes(small[2], sums->all[class].bytes),
			text_count(small[3], sums->all[class].blocks));
	if (scope->older)
		snprintf(older, sizeof(older), ", at least %s old", scope->older);
	return snprintf(line, size, "%s%s in %s %s %s%s%s", is_truncated(model) ? "at least " : "",
		text_bytes(small[0], heap->bytes), text_count(small[1], heap->blocks),
		text_plural(heap->blocks, "block", "blocks"), whole,
		moment_phrase(model, class, moment, sizeof(moment)), older);
}

/* The first of what a report is about that there is, CLASS_COUNT: nothing. */
static enum site_class worst_class(const struct model *model)
{
	static const enum site_class order[] = {
		CLASS_DEFINITE, CLASS_INDIRECT, CLASS_POSSIBLE, CLASS_UNKNOWN, CLASS_REACHABLE};

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		if (model->verdict.heap[order[i]].blocks)
			return order[i];
	return CLASS_COUNT;
}

/* "; 20 bytes in 2 blocks possibly lost" */
static int say_more(
	const struct amount *amount, const char *what, char *line, size_t size, int used)
{
	char small[2][TEXT_SMALL], more[200];

	if (amount->blocks == 0)
		return used;
	snprintf(more, sizeof(more), "; %s in %s %s %s", text_bytes(small[0], amount->bytes),
		text_count(small[1], amount->blocks),
		text_plural(amount->blocks, "block", "blocks"), what);
	return append(line, size, used, more);
}

/* Blocks: how much, where, and what else there is. What can still be got at is no matter as long as
 * there is something else. */
static int say_blocks(struct model *model, enum site_class class, const struct sums *sums,
	char *line, size_t size)
{
	char small[TEXT_SMALL], more[VERDICT_PLACE + 200], largest[VERDICT_PLACE + 100] = "";
	bool fine = class == CLASS_REACHABLE;
	int used =
		fine ? snprintf(line, size, "%sno block%s is lost; ",
			       is_truncated(model) ? "as far as the truncated image tells, " : "",
			       model->scope.filter_count ? " that matches" : "")
		     : 0;

	used += say_amount(model, class, sums, line + used, size - (size_t)used);
	if (fine)
		return used;
	add_largest(model, class, sums, largest, sizeof(largest));
	snprintf(more, sizeof(more), ", %s call %s%s", text_count(small, sums->sites[class]),
		text_plural(sums->sites[class], "site", "sites"), largest);
	used = append(line, size, used, more);
	used = say_more(&sums->indirect,
		text_plural(
			model->verdict.heap[class].blocks, "lost through it", "lost through them"),
		line, size, used);
	if (class < CLASS_POSSIBLE)
		used = say_more(&model->verdict.heap[CLASS_POSSIBLE],
			model_class_words[CLASS_POSSIBLE], line, size, used);
	if (class < CLASS_UNKNOWN)
		used = say_more(&model->verdict.heap[CLASS_UNKNOWN],
			model_class_words[CLASS_UNKNOWN], line, size, used);
	return used;
}

/* "was killed by SIGSEGV in f (f.c:1)", and whether it wrote over its heap. */
static int say_crash(const struct model *model, const struct process *process, char *line, int used)
{
	const size_t size = sizeof(model->verdict.line);
	const struct core_facts *facts = process->core_facts;
	char more[VERDICT_PLACE + 100], where[VERDICT_PLACE] = "", small[TEXT_SMALL];

	if (facts == NULL)
		return used;
	if (process->signal && facts->thread_count) {
		const struct site stack = {.frame = facts->threads[0].frame};
		if (stack.frame)
			verdict_place(model, &stack, where, sizeof(where));
		snprintf(more, sizeof(more), "; killed by %s%s%s",
			text_signal(small, process->signal), where[0] ? " in " : "", where);
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
	char small[2][TEXT_SMALL], more[512];
	char *line = model->verdict.line;
	const size_t size = sizeof(model->verdict.line);
	const struct sums sums = sum_up(model);
	enum site_class class = worst_class(model);
	int used;

	if (say_unrecorded(model))
		return;
	used = class == CLASS_COUNT ? say_none(model, &sums, line, size)
				    : say_blocks(model, class, &sums, line, size);
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
	char small[TEXT_SMALL];

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
		size_t used = (size_t)snprintf(
			room, size, "was killed by %s", text_signal(small, process->signal));
		if (process->has_fault_address && used < size)
			snprintf(room + used, size - used, " at address 0x%" PRIx64,
				process->fault_address);
		return;
	}
	snprintf(room, size, "ended without a goodbye (killed, crashed, or by a bare system call)");
}
