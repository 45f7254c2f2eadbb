/*
 * The report for people. Called through the table in render.c. The verdict comes first, then the
 * totals, the call sites worst first, the mapped regions, what could not be recorded, and last the
 * commands to type next.
 */
#include "render_formats.h"

#include "memory.h"
#include "render_classes.h"
#include "render_core.h"
#include "render_notes.h"
#include "text.h"
#include "text_stack.h"
#include "verdict.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PROCESSES_SHOWN 20

static void write_escaped(FILE *out, const char *text)
{
	char *escaped = text_escape(text);

	fputs(escaped, out);
	free(escaped);
}

/* Since when, where that cannot be told from the program's own end. */
static void write_start(const struct process *process, FILE *out)
{
	time_t start = (time_t)(process->start_realtime_ns / 1000000000u);
	struct tm parts;
	char text[40];

	if (process->state == STATE_CLEAN || process->start_realtime_ns == 0 ||
		localtime_r(&start, &parts) == NULL ||
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &parts) == 0)
		return;
	fprintf(out, ", recorded since %s", text);
}

/* What the user called a snapshot. */
static void write_label(const struct process *process, FILE *out)
{
	if (process->snapshot_label[0] == '\0')
		return;
	fputs(" ('", out);
	write_escaped(out, process->snapshot_label);
	fputs("')", out);
}

static void write_one_process(const struct process *process, FILE *out)
{
	char state[120], small[4][TEXT_SMALL];

	verdict_state(process, state, sizeof(state));
	write_escaped(out, process->exe);
	fprintf(out, " [%d] %s", process->pid, state);
	if (process->run_ns)
		fprintf(out, " after %s%s", process->run_longer ? "at least " : "",
			text_time(small[0], process->run_ns));
	write_start(process, out);
	write_label(process, out);
	putc('\n', out);
	if (process->unrecorded)
		return;
	fprintf(out, "         %s %s, %s %s, %s in all, at most %s at once\n",
		text_count(small[0], process->allocs),
		text_plural(process->allocs, "allocation", "allocations"),
		text_count(small[1], process->frees), text_plural(process->frees, "free", "frees"),
		text_bytes(small[2], process->alloc_bytes),
		text_bytes(small[3], process->peak_live_bytes));
}

/* What of a process's blocks is lost for sure. */
static const char *lost_bytes(const struct process *process, char room[TEXT_SMALL])
{
	if (process->live.blocks && (!process->check || !process->check->done))
		return "-";
	return text_bytes_short(room,
		process->classes[CLASS_DEFINITE].bytes + process->classes[CLASS_INDIRECT].bytes);
}

static void write_processes(
	const struct model *model, const struct render_options *options, FILE *out)
{
	size_t shown = model->process_count;
	bool classified = model_is_classified(model);
	char lost[TEXT_SMALL];

	if (shown > PROCESSES_SHOWN && !options->verbose)
		shown = PROCESSES_SHOWN;
	fprintf(out, "%zu processes\n", model->process_count);
	fprintf(out, "%9s", "PID");
	if (classified)
		fprintf(out, "  %12s", "LOST");
	fprintf(out, "  %12s  %10s  %12s  %s\n", "UNFREED", "BLOCKS", "ALLOCATIONS", "PROGRAM");
	for (size_t i = 0; i < shown; i++) {
		const struct process *process = &model->processes[i];
		char small[3][TEXT_SMALL], state[120];
		uint64_t hidden = process->classes[CLASS_SUPPRESSED].bytes;
		fprintf(out, "%9d", process->pid);
		if (classified)
			fprintf(out, "  %12s", lost_bytes(process, lost));
		if (process->unrecorded)
			fprintf(out, "  %12s  %10s  %12s  ", "not recorded", "-", "-");
		else
			fprintf(out, "  %12s  %10s  %12s  ",
				text_bytes_short(small[0], process->live.bytes - hidden),
				text_count(small[1],
					process->live.blocks -
						process->classes[CLASS_SUPPRESSED].blocks),
				text_count(small[2], process->allocs));
		verdict_state(process, state, sizeof(state));
		write_escaped(out, text_basename(process->exe));
		fprintf(out, " %s", state);
		write_label(process, out);
		putc('\n', out);
	}
	if (shown < model->process_count)
		fprintf(out, "           … %zu more processes (-v)\n",
			model->process_count - shown);
}

#define SHORT_RUN_TICKS 10 /* in a run this short ages tell nothing */

/* The run that the ages of a site count back from; the longest of several. */
static uint64_t run_of(const struct model *model, const struct site *site, uint64_t *ret_tick_ns)
{
	uint64_t run = 0;

	*ret_tick_ns = 0;
	for (size_t i = 0; i < model->process_count; i++) {
		const struct process *process = &model->processes[i];
		for (size_t p = 0; p < site->pid_count; p++) {
			if (site->pids[p] != process->pid)
				continue;
			run = process->run_ns > run ? process->run_ns : run;
			*ret_tick_ns = process->tick_ns;
		}
	}
	return run;
}

/* How old the blocks are; empty when that says nothing: as old as the run, or younger than the
 * clock can tell. */
static const char *ages(const struct model *model, const struct site *site, char *room, size_t size)
{
	char small[3][TEXT_SMALL];
	uint64_t tick, run = run_of(model, site, &tick);
	uint64_t oldest = site->oldest_ns, newest = site->newest_ns;

	room[0] = '\0';
	if (oldest < tick || newest + tick >= run || run < SHORT_RUN_TICKS * tick)
		return room;
	if (site->live.blocks == 1)
		snprintf(room, size, "%s old", text_time(small[0], oldest));
	else if (oldest == newest)
		snprintf(room, size, "all %s old", text_time(small[0], oldest));
	else
		snprintf(room, size, "ages %s to %s, half of them over %s",
			text_time(small[0], newest), text_time(small[1], oldest),
			text_time(small[2], site->median_ns));
	return room;
}

/* Is there any process whose threads are worth telling apart? */
static bool has_threads(const struct model *model)
{
	for (size_t i = 0; i < model->process_count; i++)
		if (model->processes[i].thread_count > 1)
			return true;
	return false;
}

/* Where the facts of a site begin, and what stands between two of them. */
static void next_fact(const struct text_colors *colors, size_t *facts, FILE *out)
{
	fprintf(out, "%s%s", *facts ? "" : "    ", *facts ? "; " : colors->dim);
	(*facts)++;
}

static void write_site_facts(const struct model *model, const struct site *site,
	const struct text_colors *colors, FILE *out)
{
	char small[TEXT_SMALL], age[3 * TEXT_SMALL + 40];
	size_t facts = 0;

	if (ages(model, site, age, sizeof(age))[0]) {
		next_fact(colors, &facts, out);
		fputs(age, out);
	}
	if (site->total_allocs > site->live.blocks) {
		next_fact(colors, &facts, out);
		fprintf(out, "%s allocated here in all", text_count(small, site->total_allocs));
	}
	if (has_threads(model) && site->thread_count == 1 &&
		strncmp(site->threads[0], "tid ", 4) != 0) {
		next_fact(colors, &facts, out);
		fputs("thread ", out);
		write_escaped(out, site->threads[0]);
	} else if (site->thread_count > 1) {
		next_fact(colors, &facts, out);
		fprintf(out, "%zu threads", site->thread_count);
	}
	if (site->pid_count > 1) {
		next_fact(colors, &facts, out);
		fprintf(out, "%zu processes", site->pid_count);
	}
	if (facts)
		fprintf(out, "%s\n", colors->off);
}

/* " of 100 bytes", " of 8 B to 2.0 KiB", where there are several blocks. */
static void write_sizes(const struct site *site, FILE *out)
{
	char small[2][TEXT_SMALL];

	if (site->live.blocks > 1 && site->size_min == site->size_max)
		fprintf(out, " of %s", text_bytes(small[0], site->size_min));
	else if (site->live.blocks > 1)
		fprintf(out, " of %s to %s", text_bytes_short(small[0], site->size_min),
			text_bytes_short(small[1], site->size_max));
}

/* What is lost itself, and what is lost with it. */
static void write_parts(const struct site *site, FILE *out)
{
	char small[4][TEXT_SMALL];

	fprintf(out, "    %s in %s %s", text_bytes(small[0], site->live.bytes),
		text_count(small[1], site->live.blocks),
		text_plural(site->live.blocks, "block", "blocks"));
	write_sizes(site, out);
	fprintf(out, " lost directly, %s in %s %s through %s\n",
		text_bytes(small[2], site->indirect.bytes),
		text_count(small[3], site->indirect.blocks),
		text_plural(site->indirect.blocks, "block", "blocks"),
		text_plural(site->live.blocks, "it", "them"));
}

/* What a baseline says of the site: nothing where it is known. */
static void write_status(const struct site *site, const struct text_colors *colors, FILE *out)
{
	char small[2][TEXT_SMALL];

	if (site->baseline == BASELINE_NEW && site->baseline_places)
		fprintf(out, "  %sNEW%s: one of %s places like this, the baseline has %s",
			colors->warn, colors->off, text_count(small[0], site->places_now),
			text_count(small[1], site->baseline_places));
	else if (site->baseline == BASELINE_NEW)
		fprintf(out, "  %sNEW%s", colors->warn, colors->off);
	else if (site->baseline == BASELINE_GROWN)
		fprintf(out, "  %sGROWN%s: the baseline has %s %s", colors->warn, colors->off,
			text_count(small[0], site->baseline_amount.blocks),
			text_plural(site->baseline_amount.blocks, "block", "blocks"));
}

static void write_site_head(const struct model *model, const struct row *row, size_t number,
	uint64_t total, const struct render_options *options, FILE *out)
{
	const struct text_colors *colors = text_colors_for(options->color);
	const struct site *site = row->site;
	bool region = site->kind != KIND_HEAP;
	char small[3][TEXT_SMALL];
	struct amount amount = {.bytes = site->live.bytes + site->indirect.bytes,
		.blocks = site->live.blocks + site->indirect.blocks};

	fprintf(out, "%s#%zu  %s in %s %s%s", colors->bold, number,
		text_bytes(small[0], amount.bytes), text_count(small[1], amount.blocks),
		region ? text_plural(amount.blocks, "region", "regions")
		       : text_plural(amount.blocks, "block", "blocks"),
		colors->off);
	if (site->indirect.blocks == 0)
		write_sizes(site, out);
	fprintf(out, " by %s", site->allocator);
	if (total)
		fprintf(out, ", %s", text_share(small[2], amount.bytes, total));
	fprintf(out, "  %sid %08" PRIx64 "%s", colors->dim, site->fingerprint >> 32, colors->off);
	write_status(site, colors, out);
	fputc('\n', out);
	if (site->indirect.blocks)
		write_parts(site, out);
	if (site->suppression) {
		fprintf(out, "    %s, suppressed by ", model_class_words[site->class_without]);
		write_escaped(out, site->suppression);
		putc('\n', out);
	}
	if (options->verbose && amount.bytes >= 10000)
		fprintf(out, "    %s bytes exactly\n", text_count(small[0], amount.bytes));
	write_site_facts(model, site, colors, out);
}

/* A title as stacks have it: C++ names in short. */
static void write_title(const struct row *row, const struct render_options *options, FILE *out)
{
	char *title = text_escape(row->title);

	if (!options->verbose && strcmp(options->group, "function") == 0)
		text_simplify_cxx(title);
	fputs(title, out);
	free(title);
}

/* A group goes by the focus of its sites: the module there may lack names. */
static void note_unnamed(const struct model *model, const struct row *row,
	const struct render_options *options, bool *unnamed)
{
	size_t index;
	const struct frame *frame = &model->frames[model_site_focus(model, row->site, &index)];

	if (strcmp(options->group, "function") == 0 && frame->symbol &&
		frame->symbol->locations[index].function == NULL)
		unnamed[frame->module] = true;
}

/* What the rows of a section add up to. */
struct total {
	struct amount live, indirect;
	size_t rows;
};

static struct total add_up(const struct model *model, enum section section)
{
	struct total total = {0};

	for (size_t i = 0; i < model->row_count; i++) {
		const struct row *row = &model->rows[i];
		if (row->section != section)
			continue;
		total.live.bytes += row->live.bytes;
		total.live.blocks += row->live.blocks;
		total.indirect.bytes += row->indirect.bytes;
		total.indirect.blocks += row->indirect.blocks;
		total.rows++;
	}
	return total;
}

static void write_group_head(
	const struct total *total, const struct render_options *options, FILE *out)
{
	fprintf(out, "%12s  %10s", "BYTES", "BLOCKS");
	if (total->indirect.blocks)
		fprintf(out, "  %12s", "THROUGH THEM");
	fprintf(out, "  %6s  %4s  %s\n", "SITES", "", options->group);
}

/* Where most of what was made after a mark is from. */
static void write_most(const struct model *model, const struct row *row, FILE *out)
{
	size_t index;
	const struct frame *frame = &model->frames[model_site_focus(model, row->site, &index)];
	const char *function = frame->symbol ? frame->symbol->locations[index].function : NULL;
	char *name;

	if (!function)
		return;
	name = text_escape(function);
	text_simplify_cxx(name);
	fprintf(out, "  %s%s", row->sites > 1 ? "most in " : "in ", name);
	free(name);
}

static void write_group_row(const struct model *model, const struct row *row,
	const struct total *total, const struct render_options *options, FILE *out)
{
	char small[3][TEXT_SMALL];
	uint64_t all = total->live.bytes + total->indirect.bytes;
	uint64_t bytes = row->live.bytes + row->indirect.bytes;

	fprintf(out, "%12s  %10s", text_bytes_short(small[0], row->live.bytes),
		text_count(small[1], row->live.blocks));
	if (total->indirect.blocks)
		fprintf(out, "  %12s", text_bytes_short(small[2], row->indirect.bytes));
	fprintf(out, "  %6s  %3.0f%%  ", text_count(small[2], row->sites),
		all ? 100.0 * (double)bytes / (double)all : 0.0);
	write_title(row, options, out);
	if (strcmp(options->group, "mark") == 0)
		write_most(model, row, out);
	putc('\n', out);
}

static void write_section_head(
	const struct model *model, enum section section, const struct total *total, FILE *out)
{
	static const char *const titles[] = {"definitely lost", "indirectly lost", "possibly lost",
		"not classified", "still reachable", "mapped and not unmapped", "suppressed"};
	const char *title = section == SECTION_UNKNOWN && !model_is_classified(model)
				    ? "not freed"
				    : titles[section];
	char small[4][TEXT_SMALL];

	fprintf(out, "\n%s: %s in %s %s", title, text_bytes(small[0], total->live.bytes),
		text_count(small[1], total->live.blocks),
		section == SECTION_REGIONS ? text_plural(total->live.blocks, "region", "regions")
					   : text_plural(total->live.blocks, "block", "blocks"));
	if (total->indirect.blocks)
		fprintf(out, ", and %s in %s through %s",
			text_bytes(small[2], total->indirect.bytes),
			text_count(small[3], total->indirect.blocks),
			text_plural(total->live.blocks, "it", "them"));
	putc('\n', out);
}

/* Returns how many rows of the section are not shown. */
static size_t write_section(const struct model *model, enum section section, size_t *number,
	const struct render_options *options, bool *unnamed, FILE *out)
{
	const struct total total = add_up(model, section);
	size_t hidden = 0, hidden_bytes = 0;
	char small[TEXT_SMALL];
	bool grouped = strcmp(options->group, "site") != 0;

	if (total.rows == 0)
		return 0;
	write_section_head(model, section, &total, out);
	if (grouped)
		write_group_head(&total, options, out);
	for (size_t i = 0; i < model->row_count; i++) {
		const struct row *row = &model->rows[i];
		if (row->section != section)
			continue;
		if (!row->shown) {
			hidden++;
			hidden_bytes += row->live.bytes + row->indirect.bytes;
		} else if (grouped) {
			write_group_row(model, row, &total, options, out);
			note_unnamed(model, row, options, unnamed);
		} else {
			write_site_head(model, row, ++*number,
				total.live.bytes + total.indirect.bytes, options, out);
			text_stack_write(model, row->site, options, unnamed, out);
			render_losses(model, row->site, options, out);
		}
	}
	if (hidden)
		fprintf(out, "… %zu more, %s (--all)\n", hidden, text_bytes(small, hidden_bytes));
	return hidden;
}

/* Whether there is a process whose sites could be asked for. */
static bool has_recorded(const struct model *model)
{
	for (size_t i = 0; i < model->process_count; i++)
		if (!model->processes[i].unrecorded)
			return true;
	return false;
}

static void write_next(
	const struct model *model, const struct render_options *options, bool hidden, FILE *out)
{
	fputs("next: ", out);
	write_escaped(out, options->next ? options->next : "the same command with");
	fprintf(out, "%s%s%s --format=json\n", hidden ? " --all |" : "",
		strcmp(options->group, "site") == 0 && has_recorded(model) ? " --group function |"
									   : "",
		options->verbose ? "" : " -v |");
}

/* As LeakSanitizer and valgrind tell it. */
static void write_used(const struct model *model, FILE *out)
{
	char small[2][TEXT_SMALL];

	if (model->used_count == 0)
		return;
	fprintf(out, "\nsuppressions used:\n%8s  %12s  %6s  %s\n", "BLOCKS", "BYTES", "SITES",
		"SUPPRESSION");
	for (size_t i = 0; i < model->used_count; i++) {
		const struct used_suppression *used = &model->used[i];
		fprintf(out, "%8s  %12s  %6zu  ", text_count(small[0], used->hidden.blocks),
			text_bytes_short(small[1], used->hidden.bytes), used->sites);
		write_escaped(out, used->name);
		fputs("  ", out);
		write_escaped(out, used->file);
		fprintf(out, ":%u\n", used->line);
	}
}

/* What is left out, also mapped regions. */
static struct amount suppressed_amount(const struct model *model)
{
	struct amount sum = {0};

	for (size_t i = 0; i < model->site_count; i++) {
		const struct site *site = &model->sites[i];
		if (site->class != CLASS_SUPPRESSED || site->left_out)
			continue;
		sum.bytes += site->live.bytes;
		sum.blocks += site->live.blocks;
	}
	return sum;
}

/* What shells and the like held that became the program by exec is gone with them. */
static void write_replaced(const struct model *model, FILE *out)
{
	char small[2][TEXT_SMALL];

	if (model->replaced.blocks)
		fprintf(out,
			"exec     %s in %s %s, thrown away when another program took over "
			"(--kinds=all lists them)\n",
			text_bytes(small[0], model->replaced.bytes),
			text_count(small[1], model->replaced.blocks),
			text_plural(model->replaced.blocks, "block", "blocks"));
}

static void render(const struct model *model, const struct render_options *options, FILE *out)
{
	const struct text_colors *colors = text_colors_for(options->color);
	bool *unnamed = memory_zero(model->module_count, sizeof(*unnamed));
	size_t number = 0, hidden = 0;
	struct amount suppressed = suppressed_amount(model);
	char small[TEXT_SMALL];

	fprintf(out, "%sVERDICT  ", colors->bold);
	write_escaped(out, model->verdict.line);
	fprintf(out, "%s\n%sprocess  %s", colors->off, "", "");
	if (model->process_count == 1)
		write_one_process(&model->processes[0], out);
	else
		write_processes(model, options, out);
	if (model->filtered_sites)
		fprintf(out, "filter   %zu of %zu call sites are left out\n", model->filtered_sites,
			model->site_count);
	if (model->comparison.done)
		fprintf(out, "baseline %zu new, %zu grown, %zu known; %zu of it not seen here\n",
			model->comparison.added, model->comparison.grown, model->comparison.known,
			model->comparison.gone);
	render_classes(model, out);
	write_replaced(model, out);
	for (enum section section = 0; section < SECTION_SUPPRESSED; section++)
		hidden += write_section(model, section, &number, options, unnamed, out);
	if (options->verbose) {
		hidden += write_section(model, SECTION_SUPPRESSED, &number, options, unnamed, out);
		write_used(model, out);
	} else if (suppressed.blocks) {
		fprintf(out, "\nsuppressed: %s (-v shows them)\n",
			text_bytes(small, suppressed.bytes));
	}
	for (size_t i = 0; i < model->process_count; i++)
		if (model->processes[i].core_facts)
			render_core(model, &model->processes[i], options, unnamed, out);
	render_notes(model, options, unnamed, out);
	free(unnamed);
	if (!options->quiet)
		write_next(model, options, hidden > 0, out);
}

const struct render_format render_text = {
	.name = "text",
	.help = "the report for people (default)",
	.render = render,
};
