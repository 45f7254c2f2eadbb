/*
 * The log of valgrind's memcheck, line by line: what CTest, scripts and people read. Called through
 * the table in render.c.
 */
#include "render_formats.h"

#include "memory.h"
#include "render_valgrind.h"
#include "text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct log {
	FILE *out;
	int pid;
};

__attribute__((format(printf, 2, 3))) static void line(
	const struct log *log, const char *format, ...)
{
	va_list arguments;

	fprintf(log->out, "==%d== ", log->pid);
	va_start(arguments, format);
	vfprintf(log->out, format, arguments);
	va_end(arguments);
	putc('\n', log->out);
}

static void write_head(const struct log *log, const struct process *process)
{
	line(log, "Memcheck, a memory error detector");
	line(log, "written by leak " LEAK_VERSION ", of a program that ran natively");
	fprintf(log->out, "==%d== Command:", log->pid);
	for (char **arg = process->args; arg && *arg; arg++) {
		char *escaped = text_escape(*arg);
		fprintf(log->out, " %s", escaped);
		free(escaped);
	}
	putc('\n', log->out);
	line(log, "Parent PID: %d", process->ppid);
	line(log, "%s", "");
	line(log, "%s", "");
}

static void write_frame(const struct log *log, const struct valgrind_frame *frame, bool first)
{
	char *function = text_escape(frame->function ? frame->function : "???");
	char *file = text_escape(frame->file ? frame->file : frame->object ? frame->object : "");

	fprintf(log->out, "==%d==    %s 0x%" PRIX64 ": %s", log->pid, first ? "at" : "by",
		frame->ip, function);
	if (frame->file && frame->line)
		fprintf(log->out, " (%s:%u)", file, frame->line);
	else if (file[0])
		fprintf(log->out, " (%s%s)", frame->file ? "" : "in ", file);
	putc('\n', log->out);
	free(function);
	free(file);
}

static void write_record(const struct log *log, const struct model *model, const struct site *site,
	size_t number, size_t count, const struct render_valgrind *valgrind)
{
	size_t frame_count;
	struct valgrind_frame *frames =
		valgrind_frames(model, site, valgrind->callers, &frame_count);
	char *headline = valgrind_headline(site, number, count);

	line(log, "%s", headline);
	for (size_t i = 0; i < frame_count; i++)
		write_frame(log, &frames[i], i == 0);
	line(log, "%s", "");
	if (valgrind->suppressions) {
		struct valgrind_entry entry;
		valgrind_entry_make(&entry, site, frames, frame_count);
		valgrind_entry_write(&entry, log->out);
		valgrind_entry_free(&entry);
	}
	free(headline);
	valgrind_frames_free(frames, frame_count);
}

/* Of all processes together, as the records are. */
static void write_heap(const struct log *log, const struct model *model)
{
	char bytes[TEXT_SMALL], blocks[TEXT_SMALL], frees[TEXT_SMALL];
	struct amount live = {0};
	uint64_t alloc_count = 0, free_count = 0, alloc_bytes = 0;

	for (size_t i = 0; i < model->process_count; i++) {
		const struct process *process = &model->processes[i];
		live.bytes += process->live.bytes;
		live.blocks += process->live.blocks;
		alloc_count += process->allocs;
		free_count += process->frees;
		alloc_bytes += process->alloc_bytes;
	}
	for (size_t i = 0; i < model->site_count; i++) {
		const struct site *site = &model->sites[i];
		if (site->kind != KIND_HEAP || !site->replaced)
			continue;
		live.bytes -= site->live.bytes;
		live.blocks -= site->live.blocks;
	}
	line(log, "HEAP SUMMARY:");
	line(log, "    in use at exit: %s bytes in %s blocks", text_count(bytes, live.bytes),
		text_count(blocks, live.blocks));
	line(log, "  total heap usage: %s allocs, %s frees, %s bytes allocated",
		text_count(blocks, alloc_count), text_count(frees, free_count),
		text_count(bytes, alloc_bytes));
	line(log, "%s", "");
}

static void write_sum(const struct log *log, const char *name, const struct amount *sum)
{
	char bytes[TEXT_SMALL], blocks[TEXT_SMALL];

	line(log, "%s: %s bytes in %s blocks", name, text_count(bytes, sum->bytes),
		text_count(blocks, sum->blocks));
}

/* What is not shown, in valgrind's words. */
static void write_hints(
	const struct log *log, const struct amount *sums, const struct render_valgrind *valgrind)
{
	bool hides_reachable =
		!(valgrind->shown & CLASS_BIT(CLASS_REACHABLE)) && sums[CLASS_REACHABLE].blocks;
	bool hides_indirect =
		!(valgrind->shown & CLASS_BIT(CLASS_INDIRECT)) && sums[CLASS_INDIRECT].blocks;

	if (!valgrind->full) {
		line(log, "Rerun with --leak-check=full to see details of leaked memory");
		return;
	}
	if (hides_reachable)
		line(log, "Reachable blocks (those to which a pointer was found) are not shown.");
	if (hides_indirect && !hides_reachable)
		line(log, "Indirectly lost blocks are not shown.");
	if (hides_reachable || hides_indirect)
		line(log, "To see them, rerun with: --leak-check=full --show-leak-kinds=all");
}

static void write_leaks(const struct log *log, const struct site *const *records, size_t count,
	const struct render_valgrind *valgrind)
{
	struct amount sums[CLASS_COUNT] = {{0}}, unclassified = {0};
	char bytes[TEXT_SMALL], blocks[TEXT_SMALL];

	for (size_t i = 0; i < count; i++) {
		const struct site *site = records[i];
		bool suppressed = site->class == CLASS_SUPPRESSED;
		struct amount *sum = &sums[suppressed ? CLASS_SUPPRESSED : valgrind_class(site)];
		sum->bytes += site->live.bytes;
		sum->blocks += site->live.blocks;
		if (site->class == CLASS_UNKNOWN) {
			unclassified.bytes += site->live.bytes;
			unclassified.blocks += site->live.blocks;
		}
	}
	line(log, "LEAK SUMMARY:");
	write_sum(log, "   definitely lost", &sums[CLASS_DEFINITE]);
	write_sum(log, "   indirectly lost", &sums[CLASS_INDIRECT]);
	write_sum(log, "     possibly lost", &sums[CLASS_POSSIBLE]);
	write_sum(log, "   still reachable", &sums[CLASS_REACHABLE]);
	write_sum(log, "        suppressed", &sums[CLASS_SUPPRESSED]);
	if (unclassified.blocks)
		line(log, "Of what is possibly lost, %s bytes in %s blocks were not classified.",
			text_count(bytes, unclassified.bytes),
			text_count(blocks, unclassified.blocks));
	write_hints(log, sums, valgrind);
	line(log, "%s", "");
}

static void write_errors(const struct log *log, const struct site *const *records, size_t count,
	const struct render_valgrind *valgrind)
{
	size_t errors = 0, suppressed = 0;

	for (size_t i = 0; i < count; i++) {
		errors += valgrind_is_error(records[i], valgrind);
		suppressed += valgrind->full && records[i]->class == CLASS_SUPPRESSED;
	}
	line(log, "For lists of detected and suppressed errors, rerun with: -s");
	line(log, "ERROR SUMMARY: %zu errors from %zu contexts (suppressed: %zu from %zu)", errors,
		errors, suppressed, suppressed);
}

static void render(const struct model *model, const struct render_options *options, FILE *out)
{
	static const struct process nobody;
	struct render_valgrind valgrind = valgrind_options(model, options);
	const struct process *process = model->process_count ? &model->processes[0] : &nobody;
	struct log log = {out, process->pid};
	size_t count;
	const struct site **records = valgrind_records(model, &count);

	if (options->valgrind == NULL)
		valgrind.suppressions = false;
	if (!valgrind.quiet) {
		write_head(&log, process);
		if (process->unrecorded)
			line(&log, "Nothing is known of its blocks: it was not recorded, or became "
				   "another program.");
		else
			write_heap(&log, model);
	}
	for (size_t i = 0; i < count; i++)
		if (valgrind_is_shown(records[i], &valgrind))
			write_record(&log, model, records[i], i + 1, count, &valgrind);
	if (!valgrind.quiet) {
		if (count && valgrind.sums)
			write_leaks(&log, records, count, &valgrind);
		else if (count == 0 && !process->unrecorded)
			line(&log, "All heap blocks were freed -- no leaks are possible\n==%d== ",
				log.pid);
		write_errors(&log, records, count, &valgrind);
	}
	free(records);
}

const struct render_format render_memcheck = {
	.name = "memcheck",
	.help = "the log of valgrind's memcheck",
	.all_sites = true,
	.only_sites = true,
	.kinds = CLASSES_SUSPECT,
	.render = render,
};
