/*
 * The part of the report for people that comes from a core. Called by render_text.c. Threads that
 * stood at the very same place are told of once.
 */
#include "render_core.h"

#include "memory.h"
#include "text.h"
#include "text_stack.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define STACKS_SHOWN 6 /* different ones, without -v */
#define ARENAS_SHOWN 6 /* without -v */
#define TIDS_SHOWN 8   /* of threads with the same stack */

static void write_escaped(FILE *out, const char *text)
{
	char *escaped = text_escape(text);

	fputs(escaped, out);
	free(escaped);
}

/* ---- threads ---- */

/* Threads with one stack. */
struct group {
	size_t first, count; /* in the order of the core; `first` is the one to show */
};

static void write_signal(const struct last_thread *thread, FILE *out)
{
	char room[TEXT_SMALL];

	if (thread->signal == 0)
		return;
	fprintf(out, ", took %s", text_signal(room, thread->signal));
}

/* "thread 4711 'worker', took signal 11 (SIGSEGV)", or "3 threads: 4711, 4712, 4713". */
static void write_group_head(const struct core_facts *facts, size_t first, size_t count,
	const size_t *group_of, const struct render_options *options, FILE *out)
{
	const struct text_colors *colors = text_colors_for(options->color);
	const struct last_thread *thread = &facts->threads[first];
	char small[TEXT_SMALL];
	size_t told = 0;

	fputs(colors->bold, out);
	if (count > 1)
		fprintf(out, "%s threads:", text_count(small, count));
	else
		fputs("thread", out);
	for (size_t i = first; i < facts->thread_count; i++) {
		if (group_of[i] != first)
			continue;
		if (told == TIDS_SHOWN && !options->verbose) {
			fputs(", …", out);
			break;
		}
		fprintf(out, "%s %d", told++ ? "," : "", facts->threads[i].tid);
		if (facts->threads[i].name) {
			fputs(" \"", out);
			write_escaped(out, facts->threads[i].name);
			putc('"', out);
		}
	}
	write_signal(thread, out);
	fprintf(out, "%s\n", colors->off);
}

static void write_stack(const struct model *model, const struct last_thread *thread,
	const struct render_options *options, bool *ret_unnamed, FILE *out)
{
	/* Only the stack of it is looked at. */
	const struct site stack = {.frame = thread->frame};

	if (thread->frame == 0)
		fputs("    (its registers are not in the core, or of a machine that leak does not "
		      "know)\n",
			out);
	else
		text_stack_write(model, &stack, options, ret_unnamed, out);
}

/* For each thread, the first one that stood where it stood. Frames are stored once, so equal
 * stacks have the same number. */
static size_t *group_threads(const struct core_facts *facts, size_t frame_count)
{
	size_t *group_of = memory_zero(facts->thread_count, sizeof(*group_of));
	size_t *first = memory_zero(frame_count, sizeof(*first)); /* by frame, + 1 */

	for (size_t i = 0; i < facts->thread_count; i++) {
		const struct last_thread *thread = &facts->threads[i];
		size_t *known = &first[thread->frame];
		group_of[i] = i;
		/* The one that took the signal stands alone. */
		if (thread->signal)
			continue;
		if (*known == 0)
			*known = i + 1;
		group_of[i] = *known - 1;
	}
	free(first);
	return group_of;
}

static void write_threads(const struct model *model, const struct process *process,
	const struct render_options *options, bool *ret_unnamed, FILE *out)
{
	const struct core_facts *facts = process->core_facts;
	size_t *group_of = group_threads(facts, model->frame_count);
	size_t *counts = memory_zero(facts->thread_count, sizeof(*counts));
	size_t shown = 0, hidden = 0;
	char small[TEXT_SMALL];

	for (size_t i = 0; i < facts->thread_count; i++)
		counts[group_of[i]]++;
	fprintf(out, "threads when %s: %s\n", process->signal ? "it died" : "the core was written",
		text_count(small, facts->thread_count));
	for (size_t i = 0; i < facts->thread_count; i++) {
		if (counts[i] == 0)
			continue;
		if (shown == STACKS_SHOWN && !options->verbose) {
			hidden += counts[i];
			continue;
		}
		shown++;
		write_group_head(facts, i, counts[i], group_of, options, out);
		write_stack(model, &facts->threads[i], options, ret_unnamed, out);
	}
	if (hidden)
		fprintf(out, "… %s more %s (-v)\n", text_count(small, hidden),
			text_plural(hidden, "thread", "threads"));
	if (facts->stacks_trouble)
		fprintf(out, "not all stacks could be unwound: %s\n", facts->stacks_trouble);
	free(group_of);
	free(counts);
}

/* ---- memory map ---- */

static void write_map(const struct core_facts *facts, FILE *out)
{
	struct map_row all = {0};
	char small[4][TEXT_SMALL];
	bool missing = facts->held_bytes < facts->kept_bytes;

	for (size_t kind = 0; kind < MAP_KIND_COUNT; kind++) {
		all.mapped.bytes += facts->map[kind].mapped.bytes;
		all.mapped.blocks += facts->map[kind].mapped.blocks;
	}
	fprintf(out, "\nmemory map: %s in %s %s, of which %s are in the core\n",
		text_bytes(small[0], all.mapped.bytes), text_count(small[1], all.mapped.blocks),
		text_plural(all.mapped.blocks, "mapping", "mappings"),
		text_bytes(small[2], facts->held_bytes));
	fprintf(out, "%12s  %12s  ", "BYTES", "IN CORE");
	if (missing)
		fprintf(out, "%12s  ", "CUT OFF");
	fprintf(out, "%8s  %s\n", "MAPPINGS", "WHAT");
	for (size_t kind = 0; kind < MAP_KIND_COUNT; kind++) {
		const struct map_row *row = &facts->map[kind];
		if (row->mapped.blocks == 0)
			continue;
		fprintf(out, "%12s  %12s  ", text_bytes_short(small[0], row->mapped.bytes),
			text_bytes_short(small[1], row->held_bytes));
		if (missing)
			fprintf(out, "%12s  ",
				text_bytes_short(small[3], row->kept_bytes - row->held_bytes));
		fprintf(out, "%8s  %s\n", text_count(small[2], row->mapped.blocks),
			map_kind_words[kind]);
	}
}

/* ---- heaps ---- */

static void write_arena(const struct arena *arena, FILE *out)
{
	char small[6][TEXT_SMALL];

	fprintf(out, "%12s  %12s  %10s  %12s  %12s  %12s  ",
		text_bytes_short(small[0], arena->bytes),
		text_bytes_short(small[1], arena->used.bytes),
		text_count(small[2], arena->used.blocks),
		text_bytes_short(small[3], arena->free.bytes + arena->fast.bytes),
		text_bytes_short(small[4], arena->cached.bytes),
		text_bytes_short(small[5], arena->top_bytes));
	if (arena->is_main)
		fputs("main\n", out);
	else
		fprintf(out, "0x%" PRIx64 "\n", arena->address);
}

static void add_amount(struct amount *sum, const struct amount *more)
{
	sum->bytes += more->bytes;
	sum->blocks += more->blocks;
}

static struct arena sum_arenas(const struct core_facts *facts, size_t from)
{
	struct arena sum = {0};

	for (size_t i = from; i < facts->arena_count; i++) {
		const struct arena *arena = &facts->arenas[i];
		sum.bytes += arena->bytes;
		add_amount(&sum.used, &arena->used);
		add_amount(&sum.cached, &arena->cached);
		add_amount(&sum.fast, &arena->fast);
		add_amount(&sum.free, &arena->free);
		sum.top_bytes += arena->top_bytes;
		sum.foreign_bytes += arena->foreign_bytes;
		sum.unknown_bytes += arena->unknown_bytes;
	}
	return sum;
}

/* What the figures of the table cannot say. */
static void write_heap_notes(const struct core_facts *facts, FILE *out)
{
	char small[2][TEXT_SMALL];
	struct arena sum = sum_arenas(facts, 0);

	if (facts->large_known && facts->large_count != facts->large_blocks.blocks)
		fprintf(out, "malloc itself counts %s large %s\n",
			text_count(small[0], facts->large_count),
			text_plural(facts->large_count, "block", "blocks"));
	if (facts->caches == 0)
		fputs("no thread's cache of free blocks was found: blocks in one count as in use\n",
			out);
	if (!facts->fast_known)
		fputs("the arenas' heads were not found: blocks in fast bins count as in use\n",
			out);
	if (sum.foreign_bytes)
		fprintf(out, "%s of the brk heap are not malloc's: the program has called sbrk\n",
			text_bytes(small[0], sum.foreign_bytes));
	if (sum.unknown_bytes)
		fprintf(out, "%s of the arenas could not be walked and are in no column\n",
			text_bytes(small[0], sum.unknown_bytes));
}

static void write_heap(
	const struct core_facts *facts, const struct render_options *options, FILE *out)
{
	char small[3][TEXT_SMALL];
	size_t shown = facts->arena_count;

	if (facts->heap_trouble) {
		fputs("\nno heap of glibc's malloc was found: ", out);
		fprintf(out, "%s\n", facts->heap_trouble);
		return;
	}
	struct arena all = sum_arenas(facts, 0);
	fprintf(out, "\nheap of glibc's malloc: %s in use in %s %s",
		text_bytes(small[0], all.used.bytes + facts->large_blocks.bytes),
		text_count(small[1], all.used.blocks + facts->large_blocks.blocks),
		text_plural(all.used.blocks + facts->large_blocks.blocks, "block", "blocks"));
	if (facts->large_blocks.blocks)
		fprintf(out, ", of which %s %s with mappings of their own",
			text_count(small[2], facts->large_blocks.blocks),
			text_plural(facts->large_blocks.blocks, "large one is", "large ones are"));
	putc('\n', out);
	if (shown > ARENAS_SHOWN + 1 && !options->verbose)
		shown = ARENAS_SHOWN;
	fprintf(out, "%12s  %12s  %10s  %12s  %12s  %12s  %s\n", "BYTES", "IN USE", "BLOCKS",
		"FREE", "CACHED", "TOP", "ARENA");
	for (size_t i = 0; i < shown; i++)
		write_arena(&facts->arenas[i], out);
	if (shown < facts->arena_count)
		fprintf(out, "… %s more arenas, %s in use (-v)\n",
			text_count(small[0], facts->arena_count - shown),
			text_bytes(small[1], sum_arenas(facts, shown).used.bytes));
	write_heap_notes(facts, out);
}

/* A walk that broke off. That memory was written over is worth knowing in any case. */
static void write_heap_troubles(const struct core_facts *facts, bool details,
	const struct render_options *options, FILE *out)
{
	const struct text_colors *colors = text_colors_for(options->color);

	for (size_t i = 0; i < facts->arena_count; i++) {
		const struct arena *arena = &facts->arenas[i];
		if (arena->trouble == NULL || !(arena->corrupt || details))
			continue;
		fprintf(out, "%s%s%s at 0x%" PRIx64 ": %s\n", arena->corrupt ? colors->warn : "",
			arena->corrupt ? "the heap is corrupt" : "the walk over a heap ended",
			arena->corrupt ? colors->off : "", arena->trouble_at, arena->trouble);
	}
}

/* ---- the whole ---- */

/* What a recording would have told, and how to have one next time. */
static void write_missing(const struct core_facts *facts, FILE *out)
{
	fputs("\nnot known: where the blocks in use were allocated, and which of them are lost. ",
		out);
	if (facts->recorder_loaded)
		fputs("libleak.so was there: put the image, *.leak, beside the core, or give "
		      "--sysroot\n",
			out);
	else
		fputs("Record it next time:\n"
		      "  leak run -- COMMAND      or      LD_PRELOAD=libleak.so COMMAND\n",
			out);
}

/* Whose core it is, where several are told of; and what lies at the address that the signal was
 * about. */
static void write_head(const struct model *model, const struct process *process, FILE *out)
{
	const struct core_facts *facts = process->core_facts;

	putc('\n', out);
	if (model->process_count > 1) {
		fprintf(out, "core of [%d] ", process->pid);
		write_escaped(out, process->exe);
		putc('\n', out);
	}
	if (facts->fault_place == NULL)
		return;
	if (process->has_fault_address)
		fprintf(out, "address 0x%" PRIx64 ": ", process->fault_address);
	else
		fputs("address: ", out);
	write_escaped(out, facts->fault_place);
	putc('\n', out);
}

void render_core(const struct model *model, const struct process *process,
	const struct render_options *options, bool *ret_unnamed, FILE *out)
{
	const struct core_facts *facts = process->core_facts;
	bool details = process->unrecorded || options->verbose;
	char small[2][TEXT_SMALL];

	write_head(model, process, out);
	write_threads(model, process, options, ret_unnamed, out);
	if (details) {
		write_map(facts, out);
		write_heap(facts, options, out);
	}
	write_heap_troubles(facts, details, options, out);
	if (facts->held_bytes < facts->kept_bytes)
		fprintf(out,
			"the core is truncated: %s of the %s of memory that it was to hold are "
			"missing; raise the limit on its size (ulimit -c, coredump.conf)\n",
			text_bytes(small[0], facts->kept_bytes - facts->held_bytes),
			text_bytes(small[1], facts->kept_bytes));
	if (process->unrecorded && !options->quiet)
		write_missing(facts, out);
}
