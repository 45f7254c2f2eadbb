/*
 * What a check for lost blocks found, in the report for people. Called by render_text.c and
 * render_notes.c. The sites themselves are render_text.c's.
 */
#include "render_classes.h"

#include "render_notes.h"
#include "text.h"
#include "text_stack.h"
#include "verdict.h"

#include <stdlib.h>
#include <string.h>

#define LOSSES_SHOWN 5         /* sites beneath another without -v */
#define STALE_NS 1000000000ull /* the age of a check that is told of */

static void write_escaped(FILE *out, const char *text)
{
	char *escaped = text_escape(text);

	fputs(escaped, out);
	free(escaped);
}

void render_classes(const struct model *model, FILE *out)
{
	static const enum site_class order[] = {
		CLASS_DEFINITE, CLASS_INDIRECT, CLASS_POSSIBLE, CLASS_UNKNOWN, CLASS_REACHABLE};
	const char *title = "classes";
	char small[2][TEXT_SMALL], word[40];
	size_t kinds = 0, hidden = 0;

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		bool listed = model->scope.kinds & CLASS_BIT(order[i]);
		kinds += model->verdict.heap[order[i]].blocks != 0;
		hidden += model->verdict.heap[order[i]].blocks != 0 && !listed;
	}
	if (kinds < 2 && hidden == 0) /* its section says it */
		return;
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		const struct amount *heap = &model->verdict.heap[order[i]];
		bool listed = model->scope.kinds & CLASS_BIT(order[i]);
		if (heap->blocks == 0)
			continue;
		snprintf(word, sizeof(word), "%s:", model_class_words[order[i]]);
		fprintf(out, "%-8s %-16s %s in %s %s%s\n", title, word,
			text_bytes(small[0], heap->bytes), text_count(small[1], heap->blocks),
			text_plural(heap->blocks, "block", "blocks"),
			listed                                  ? ""
			: model->scope.kinds != CLASSES_SUSPECT ? " (not listed)"
			: order[i] == CLASS_INDIRECT            ? ""
								: " (--kinds=all lists them)");
		title = "";
	}
}

void render_losses(const struct model *model, const struct site *site,
	const struct render_options *options, FILE *out)
{
	size_t shown = site->loss_count;
	struct amount rest = {0};
	char small[3][TEXT_SMALL];

	if (shown > LOSSES_SHOWN + 1 && !options->verbose)
		shown = LOSSES_SHOWN;
	if (shown)
		fprintf(out, "    lost through %s:\n",
			text_plural(site->live.blocks, "this block", "these blocks"));
	for (size_t i = 0; i < site->loss_count; i++) {
		const struct loss *loss = &site->losses[i];
		const struct site *lost = &model->sites[loss->site];
		char where[VERDICT_PLACE] = "";
		if (i >= shown) {
			rest.bytes += loss->lost.bytes;
			rest.blocks += loss->lost.blocks;
			continue;
		}
		verdict_place(model, lost, where, sizeof(where));
		fprintf(out, "      %s in %s %s by %s%s", text_bytes(small[0], loss->lost.bytes),
			text_count(small[1], loss->lost.blocks),
			text_plural(loss->lost.blocks, "block", "blocks"), lost->allocator,
			where[0] ? " in " : "");
		write_escaped(out, where);
		putc('\n', out);
	}
	if (shown < site->loss_count)
		fprintf(out, "      … %s more, %s in %s %s (-v)\n",
			text_count(small[0], site->loss_count - shown),
			text_bytes(small[1], rest.bytes), text_count(small[2], rest.blocks),
			text_plural(rest.blocks, "block", "blocks"));
}

/* "globals, stacks and tls" */
static void write_words(const char *const *words, FILE *out)
{
	for (size_t i = 0; words[i]; i++)
		fprintf(out, "%s%s", i == 0 ? "" : words[i + 1] ? ", " : " and ", words[i]);
}

void render_check_doubts(
	const struct render_options *options, const struct process *process, FILE *out)
{
	const struct check *check = process->check;
	char small[2][TEXT_SMALL];

	if (check->failure) {
		render_note(options, out);
		fprintf(out, "[%d] %s: %s\n", process->pid,
			check->done ? "the last check for lost blocks came to nothing, classes are "
				      "of an earlier one"
				    : "which blocks are lost is not known, the check for it came "
				      "to nothing",
			check->failure);
	}
	if (!check->done)
		return;
	/* One at the end may take its time, but nothing happens meanwhile. */
	if (check->age_ns >= STALE_NS && strcmp(check->trigger, "end") != 0) {
		render_note(options, out);
		fprintf(out,
			"[%d] classes are of a check %s %s: what was lost since then counts as "
			"reachable\n",
			process->pid, text_time(small[0], check->age_ns),
			process->state == STATE_RUNNING ? "ago" : "before the end");
	}
	if (check->newer.blocks) {
		render_note(options, out);
		fprintf(out, "[%d] %s in %s %s allocated after the check, not classified\n",
			process->pid, text_bytes(small[0], check->newer.bytes),
			text_count(small[1], check->newer.blocks),
			text_plural(check->newer.blocks, "block was", "blocks were"));
	}
	if (check->left_out[0]) {
		render_note(options, out);
		fprintf(out, "[%d] the check was told to leave out ", process->pid);
		write_words(check->left_out, out);
		fputs(": what only they point at counts as lost\n", out);
	}
	if (check->unsure) {
		render_note(options, out);
		if (check->unreadable_bytes)
			fprintf(out, "[%d] %s of memory that may have held pointers are",
				process->pid, text_bytes(small[0], check->unreadable_bytes));
		else
			fprintf(out, "[%d] something that may have held pointers is", process->pid);
		fputs(" not in the core: what nothing seems to point at is not classified, as it "
		      "may not be lost\n",
			out);
	}
	render_count(options, process, check->unsure ? 0 : check->unreadable_bytes,
		text_plural(check->unreadable_bytes,
			"byte could not be read by the check: what only it points at counts as "
			"lost",
			"bytes could not be read by the check: what only they point at counts as "
			"lost"),
		out);
	render_count(options, process, check->unmet_threads,
		text_plural(check->unmet_threads,
			"thread did not stop for the check: all of its stack was looked at, so "
			"too much may count as reachable",
			"threads did not stop for the check: all of their stacks was looked at, so "
			"too much may count as reachable"),
		out);
	render_count(options, process, check->unnamed.blocks,
		text_plural(check->unnamed.blocks,
			"indirectly lost block is in no list: it is not known through what it is "
			"lost",
			"indirectly lost blocks are in no list: it is not known through what they "
			"are lost"),
		out);
}

void render_check_cost(
	const struct render_options *options, const struct process *process, FILE *out)
{
	const struct text_colors *colors = text_colors_for(options->color);
	const struct check *check = process->check;
	char small[4][TEXT_SMALL];

	if (!check->done ||
		(!options->verbose && (check->of_core || strcmp(check->trigger, "end") == 0)))
		return;
	fprintf(out, "%sthe check [%d] (%s) ", colors->dim, process->pid, check->trigger);
	if (check->of_core)
		fprintf(out, "of %s %s: ", text_count(small[1], check->threads),
			text_plural(check->threads, "thread", "threads"));
	else
		fprintf(out, "after %s: %s other %s, held still for %.1f ms; ",
			text_time(small[0], check->after_ns), text_count(small[1], check->threads),
			text_plural(check->threads, "thread", "threads"),
			(double)check->pause_ns / 1e6);
	fprintf(out, "%s read in %.1f ms, with %s of memory",
		text_bytes(small[2], check->root_bytes + check->block_bytes),
		(double)check->scan_ns / 1e6, text_bytes(small[3], check->scan_memory_bytes));
	if (options->verbose && check->heuristics[0]) {
		fputs("; heuristics: ", out);
		write_words(check->heuristics, out);
	}
	fprintf(out, "%s\n", colors->off);
}
