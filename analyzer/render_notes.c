/*
 * The notes at the end of the report for people. Called by render_text.c. They are about what is
 * missing: events, parts of the image, files and names.
 */
#include "render_notes.h"

#include "render_classes.h"
#include "text.h"
#include "text_stack.h"

#include <stdlib.h>
#include <string.h>

#define UNNAMED_MAX 3 /* modules without names that are told of */
#define LOST_MAX 5    /* processes of which it is told one by one what was not recorded */

static void write_escaped(FILE *out, const char *text)
{
	char *escaped = text_escape(text);

	fputs(escaped, out);
	free(escaped);
}

void render_note(const struct render_options *options, FILE *out)
{
	const struct text_colors *colors = text_colors_for(options->color);

	fprintf(out, "%snote:%s ", colors->warn, colors->off);
}

void render_count(const struct render_options *options, const struct process *process,
	uint64_t count, const char *text, FILE *out)
{
	char small[TEXT_SMALL];

	if (count == 0)
		return;
	render_note(options, out);
	fprintf(out, "[%d] %s %s\n", process->pid, text_count(small, count), text);
}

/* What the recorder noted when memory was about to run out. Of failures only the first is told. */
static void write_brinks(
	const struct render_options *options, const struct process *process, FILE *out)
{
	char small[4][TEXT_SMALL];
	bool told = false;

	for (size_t i = 0; i < process->brink_count; i++) {
		const struct brink *brink = &process->brinks[i];
		if (brink->failed && told)
			continue;
		render_note(options, out);
		if (brink->failed) {
			fprintf(out, "[%d] %s %s failed, %sof %s", process->pid,
				text_count(small[0], process->failed_allocs),
				text_plural(process->failed_allocs, "allocation", "allocations"),
				process->failed_allocs > 1 ? "the first " : "",
				text_bytes(small[1], brink->used_bytes));
			told = true;
		} else {
			fprintf(out, "[%d] ", process->pid);
			write_escaped(out, brink->label);
			fprintf(out, " was at %s of %s", text_bytes(small[0], brink->used_bytes),
				text_bytes(small[1], brink->limit_bytes));
		}
		fprintf(out, " after %s, with %s live\n", text_time(small[2], brink->after_ns),
			text_bytes(small[3], brink->live.bytes));
	}
}

/* Of a kind of events that were not recorded, by its number in the processes' lists. In one line
 * for all processes where there are many of them. */
static void write_lost(
	const struct model *model, const struct render_options *options, size_t kind, FILE *out)
{
	size_t processes = 0;
	uint64_t sum = 0;
	const char *text = NULL;
	char small[TEXT_SMALL];

	for (size_t i = 0; i < model->process_count; i++) {
		const struct process *process = &model->processes[i];
		if (kind >= process->lost_count || process->lost[kind].count == 0)
			continue;
		sum += process->lost[kind].count;
		text = process->lost[kind].text;
		processes++;
	}
	if (processes > LOST_MAX && !options->verbose) {
		render_note(options, out);
		fprintf(out, "%zu processes: %s %s (-v lists them)\n", processes,
			text_count(small, sum), text);
		return;
	}
	for (size_t i = 0; i < model->process_count; i++) {
		const struct process *process = &model->processes[i];
		const struct lost_row *row = &process->lost[kind];
		if (kind < process->lost_count)
			render_count(options, process, row->count,
				row->count == 1 && row->one ? row->one : row->text, out);
	}
}

static void write_process(
	const struct render_options *options, const struct process *process, FILE *out)
{
	char small[2][TEXT_SMALL];

	write_brinks(options, process, out);
	if (process->check) {
		render_check_doubts(options, process, out);
	} else if (process->state == STATE_RUNNING && process->live.blocks && !process->core &&
		   !process->snapshot_realtime_ns && process->pid_here) {
		render_note(options, out);
		fprintf(out,
			"[%d] which of its blocks are lost is not known yet: leak snap %d has it "
			"find out\n",
			process->pid, process->pid_here);
	}
	if (process->readable_bytes < process->wanted_bytes) {
		render_note(options, out);
		fprintf(out,
			"[%d] the image is truncated: %s of %s bytes are there; what is missing "
			"is not in this report\n",
			process->pid, text_count(small[0], process->readable_bytes),
			text_count(small[1], process->wanted_bytes));
	}
	render_count(options, process, process->memory_only_bytes,
		process->state == STATE_RUNNING
			? "bytes of the image are in the process's memory only: its file could "
			  "not grow (disk full, quota, ulimit -f)"
			: "bytes of the image were in the process's memory only, and are gone: "
			  "its file could not grow (disk full, quota, ulimit -f)",
		out);
	render_count(options, process, process->unsized_blocks,
		text_plural(process->unsized_blocks,
			"block has no readable size and counts as 0 bytes",
			"blocks have no readable size and count as 0 bytes"),
		out);
	render_count(options, process, process->lost_stacks,
		text_plural(process->lost_stacks, "block or region has no readable call site",
			"blocks or regions have no readable call site"),
		out);
}

static const char *file_trouble(const struct module *module)
{
	switch (module->symbols) {
	case SYMBOLS_CHANGED:
		return "the file has changed since the run: its names are not used";
	case SYMBOLS_UNSURE:
		return "no build-id, and written after the run began: its names may be wrong";
	case SYMBOLS_BROKEN:
		return "its names could not be read to the end, the file may be damaged";
	case SYMBOLS_MISSING:
		return module->path[0] == '/'
			       ? "not found here: try --sysroot, --symbols or --debuginfod"
			       : NULL;
	default:
		return NULL;
	}
}

static void write_build_id(const struct module *module, FILE *out)
{
	if (module->build_id_size)
		fputs(" (build-id ", out);
	for (unsigned i = 0; i < module->build_id_size; i++)
		fprintf(out, "%02x", module->build_id[i]);
	if (module->build_id_size)
		fputs(")", out);
}

/* Whether the reader can build it again; who installs a program has packages for this. */
static bool is_built_here(const struct module *module)
{
	static const char *const installed[] = {"/usr/bin/", "/usr/sbin/", "/usr/lib/",
		"/usr/libexec/", "/usr/games/", "/bin/", "/sbin/"};

	for (size_t i = 0; i < sizeof(installed) / sizeof(installed[0]); i++)
		if (strncmp(module->path, installed[i], strlen(installed[i])) == 0)
			return false;
	return module->own;
}

/* "no symbols", "only some symbols", or, where each function has a name, "no source lines". */
static const char *what_lacks(const struct model *model, size_t number)
{
	if (model->modules[number].symbols == SYMBOLS_NONE)
		return "no symbols";
	for (size_t i = 1; i < model->frame_count; i++) {
		const struct frame *frame = &model->frames[i];
		for (size_t k = 0;
			frame->module == number && frame->symbol && k < frame->symbol->count; k++)
			if (frame->symbol->locations[k].function == NULL)
				return "only some symbols";
	}
	return "no source lines";
}

static void write_unnamed(
	const struct model *model, const struct render_options *options, size_t number, FILE *out)
{
	const struct module *module = &model->modules[number];
	const char *lacks = what_lacks(model, number);

	render_note(options, out);
	write_escaped(out, module->name);
	fprintf(out, " has %s here", lacks);
	if (options->verbose)
		write_build_id(module, out);
	fprintf(out, ": %s, or give --debuginfod, or --symbols=DIR\n",
		!is_built_here(module)             ? "install its -dbgsym/-dbg package"
		: strcmp(lacks, "no source lines") ? "build it with -g and leave it unstripped"
						   : "build it with -g");
}

static void write_modules(const struct model *model, const struct render_options *options,
	const bool *unnamed, FILE *out)
{
	size_t told = 0;

	for (size_t i = 1; i < model->module_count; i++) {
		const struct module *module = &model->modules[i];
		const char *trouble = file_trouble(module);
		if (trouble) {
			render_note(options, out);
			write_escaped(out, module->path);
			fprintf(out, ": %s", trouble);
			if (module->symbols == SYMBOLS_BROKEN)
				fprintf(out, ": %s", module->trouble);
			fputs("\n", out);
		} else if (unnamed[i] && module->path[0] == '/' &&
			   module->symbols != SYMBOLS_UNTRIED && told++ < UNNAMED_MAX) {
			write_unnamed(model, options, i, out);
		}
	}
}

void render_missing(const struct model *model, const struct render_options *options,
	const bool *unnamed, FILE *out)
{
	size_t kinds = 0;

	for (size_t i = 0; i < model->process_count; i++) {
		write_process(options, &model->processes[i], out);
		if (kinds < model->processes[i].lost_count)
			kinds = model->processes[i].lost_count;
	}
	for (size_t kind = 0; kind < kinds; kind++)
		write_lost(model, options, kind, out);
	write_modules(model, options, unnamed, out);
}

void render_notes(const struct model *model, const struct render_options *options,
	const bool *unnamed, FILE *out)
{
	const struct text_colors *colors = text_colors_for(options->color);
	uint64_t image_bytes = 0;
	char small[TEXT_SMALL];

	putc('\n', out);
	render_missing(model, options, unnamed, out);
	for (size_t i = 0; i < model->process_count; i++)
		image_bytes += model->processes[i].image_bytes;
	for (size_t i = 0; i < model->process_count; i++)
		if (model->processes[i].check)
			render_check_cost(options, &model->processes[i], out);
	if (image_bytes == 0) /* not recorded */
		return;
	fprintf(out, "%sthe recorder's own tables: %s%s\n", colors->dim,
		text_bytes(small, image_bytes), colors->off);
}
