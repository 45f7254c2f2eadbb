/*
 * JUnit XML, by the two schemas that are in use, Ant's and that of Jenkins' xUnit plugin. One test
 * suite for the report: a failed test for each site of blocks that counts against a gate, a skipped
 * one for what is suppressed or in the baseline, and a passed one for each program without a failed
 * one, so that there is something to draw when all is well. A program that the gate could not judge
 * has a skipped one instead, or an error where that fails the run. Called through the table in
 * render.c.
 */
#define _GNU_SOURCE
#include "render_formats.h"

#include "memory.h"
#include "render_notes.h"
#include "render_site.h"
#include "render_xml.h"
#include "text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define STACK_DEPTH 200

static bool is_counted(const struct site *site)
{
	return site->class == CLASS_DEFINITE || site->class == CLASS_POSSIBLE ||
	       site->class == CLASS_UNKNOWN;
}

/* What is still reachable, or lost with something else, is no failure, nor what is known. */
static bool is_failure(const struct site *site)
{
	return is_counted(site) && site->baseline != BASELINE_KNOWN;
}

/* Why it is no failure though it has a test; NULL: it has none, or is one. */
static const char *skip_reason(const struct site *site)
{
	if (site->class == CLASS_SUPPRESSED)
		return site->suppression ? site->suppression : "the program asked for it";
	return is_counted(site) && !is_failure(site) ? "it is in the baseline" : NULL;
}

static const char *program(const struct process *process)
{
	return process->exe ? text_basename(process->exe) : "unknown";
}

static void write_class_name(const char *name, FILE *out)
{
	char *text = memory_join("leak.", name, "");

	xml_attribute(out, "classname", text);
	free(text);
}

/* The program of the first process that allocated there. */
static const char *site_program(const struct model *model, const struct site *site)
{
	for (size_t i = 0; i < model->process_count; i++)
		if (model_site_is_of(site, &model->processes[i]))
			return program(&model->processes[i]);
	return model->process_count ? program(&model->processes[0]) : "unknown";
}

/* "src/leak.c: f, definite ba3e7521": no line, so that the test keeps its name when lines move. */
static void write_name(
	const struct site *site, const struct render_place *place, size_t ordinal, FILE *out)
{
	char *name = NULL, number[32] = "";

	if (ordinal > 1)
		snprintf(number, sizeof(number), " #%zu", ordinal);
	if (asprintf(&name, "%s%s%s, %s %08" PRIx64 "%s", place->file ? place->file : "",
		    place->file ? ": " : "", place->function ? place->function : "???",
		    model_class_names[render_class(site)], site->fingerprint >> 32, number) < 0)
		return;
	xml_attribute(out, "name", name);
	free(name);
}

static void write_failure(const struct model *model, const struct site *site,
	const struct render_place *place, const char *root, FILE *out)
{
	char *text = render_message(site, place), *where = render_place_text(place);
	char *stack = render_stack(model, site, root, STACK_DEPTH);
	char *message = memory_join(text, where[0] ? ", " : "", where);

	fputs("<failure", out);
	xml_attribute(out, "type", render_rule(site));
	xml_attribute(out, "message", message);
	putc('>', out);
	xml_lines(out, stack);
	fputs("</failure>", out);
	free(message);
	free(stack);
	free(where);
	free(text);
}

static void write_site(const struct model *model, const struct site *site, size_t ordinal,
	const char *root, FILE *out)
{
	struct render_place place = render_place_of_site(model, site, root);

	fputs("    <testcase", out);
	write_class_name(site_program(model, site), out);
	write_name(site, &place, ordinal, out);
	fputs(" time=\"0\">", out);
	if (skip_reason(site)) {
		fputs("<skipped", out);
		xml_attribute(out, "message", skip_reason(site));
		fputs("/>", out);
	} else {
		write_failure(model, site, &place, root, out);
	}
	fputs("</testcase>\n", out);
	render_place_free(&place);
}

/* One passed test for each program of which no process has a failed one. */
struct passed {
	const char *name;
	bool failed, unrecorded, judged;
};

static struct passed *programs(const struct model *model, size_t *ret_count)
{
	struct passed *list = memory_zero(model->process_count, sizeof(*list));

	*ret_count = 0;
	for (size_t i = 0; i < model->process_count; i++) {
		const char *name = program(&model->processes[i]);
		size_t at = 0;
		while (at < *ret_count && strcmp(list[at].name, name) != 0)
			at++;
		if (at == *ret_count)
			list[(*ret_count)++].name = name;
		list[at].unrecorded = list[at].unrecorded || model->processes[i].unrecorded;
		list[at].judged = list[at].judged || !model->processes[i].unjudged;
	}
	return list;
}

static void mark_name(struct passed *list, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(list[i].name, name) == 0)
			list[i].failed = true;
}

static void mark_failed(
	const struct model *model, const struct site *site, struct passed *list, size_t count)
{
	mark_name(list, count, site_program(model, site));
	for (size_t i = 0; i < model->process_count; i++)
		if (model_site_is_of(site, &model->processes[i]))
			mark_name(list, count, program(&model->processes[i]));
}

static void write_passed(const struct passed *passed, FILE *out)
{
	fputs("    <testcase", out);
	write_class_name(passed->name, out);
	xml_attribute(out, "name", "nothing leaked");
	fputs(" time=\"0\"", out);
	if (passed->unrecorded)
		fputs("><error type=\"NotRecorded\" message=\"it was not recorded: there is only "
		      "a core\"/></testcase>\n",
			out);
	else
		fputs("/>\n", out);
}

static bool is_passed(const struct passed *passed)
{
	return !passed->failed && passed->judged;
}

static bool same_test(const struct unseen *one, const struct unseen *other)
{
	return one->recorded == other->recorded &&
	       strcmp(text_basename(one->program), text_basename(other->program)) == 0;
}

/* How many processes the test of this one is about: all of its program, and it tells of the first;
 * 0: it is not the first. */
static size_t unseen_together(const struct model *model, size_t index)
{
	size_t count = 0;

	for (size_t i = 0; i < model->unseen_count; i++) {
		if (!same_test(&model->unseen[i], &model->unseen[index]))
			continue;
		if (i < index)
			return 0;
		count++;
	}
	return count;
}

/* No pid in the name, so that the test keeps it. */
static void write_unseen(const struct model *model, size_t index, size_t count, FILE *out)
{
	const struct unseen *unseen = &model->unseen[index];
	char *message = NULL;
	int length = count > 1 ? asprintf(&message, "%zu processes; %s [%d] %s", count,
					 unseen->program, unseen->pid, unseen->reason)
			       : asprintf(&message, "%s [%d] %s", unseen->program, unseen->pid,
					 unseen->reason);

	fputs("    <testcase", out);
	write_class_name(text_basename(unseen->program), out);
	xml_attribute(out, "name", unseen->recorded ? "not judged" : "not measured");
	fputs(model->unseen_fails ? " time=\"0\"><error type=\"NotMeasured\""
				  : " time=\"0\"><skipped",
		out);
	xml_attribute(out, "message", length < 0 ? unseen->reason : message);
	fputs("/></testcase>\n", out);
	if (length >= 0)
		free(message);
}

/* XSDs want the time without a zone; it is UTC. */
static void write_timestamp(const struct model *model, FILE *out)
{
	uint64_t first = model->process_count ? model->processes[0].start_realtime_ns : 0;
	time_t second = (time_t)(first / 1000000000u);
	struct tm parts;
	char text[64];

	if (gmtime_r(&second, &parts) == NULL || parts.tm_year > 8099)
		memset(&parts, 0, sizeof(parts)), parts.tm_year = 70, parts.tm_mday = 1;
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &parts);
	xml_attribute(out, "timestamp", text);
}

static void write_properties(const struct model *model, FILE *out)
{
	fputs("    <properties>\n", out);
	for (size_t i = 0; i < model->process_count; i++) {
		const struct process *process = &model->processes[i];
		char name[32];
		snprintf(name, sizeof(name), "process.%d", process->pid);
		fputs("      <property", out);
		xml_attribute(out, "name", name);
		xml_attribute(out, "value", process->exe ? process->exe : "");
		fputs("/>\n", out);
	}
	fputs("    </properties>\n", out);
}

/* Names that a note has are escaped already; its newlines are meant. */
static void write_notes(const struct model *model, FILE *out)
{
	struct render_options options = {.quiet = true, .group = "site"};
	bool *unnamed = memory_zero(model->module_count, sizeof(*unnamed));
	char *text = NULL;
	size_t size = 0;
	FILE *notes = open_memstream(&text, &size);

	if (notes) {
		render_notes(model, &options, unnamed, notes);
		if (fclose(notes) == 0)
			xml_lines(out, text);
		free(text);
	}
	free(unnamed);
}

struct counts {
	size_t failures, skipped, passed, errors; /* `passed` has errors of what was not recorded */
	size_t unseen, skipped_unseen;
};

static struct counts count(const struct model *model, struct passed *list, size_t programs_count)
{
	struct counts counts = {0};

	for (size_t i = 0; i < model->row_count; i++) {
		const struct site *site = model->rows[i].site;
		if (!render_is_defect(&model->rows[i]))
			continue;
		counts.failures += is_failure(site);
		counts.skipped += skip_reason(site) != NULL;
		if (is_failure(site))
			mark_failed(model, site, list, programs_count);
	}
	for (size_t i = 0; i < programs_count; i++) {
		counts.passed += is_passed(&list[i]);
		counts.errors += is_passed(&list[i]) && list[i].unrecorded;
	}
	for (size_t i = 0; i < model->unseen_count; i++) {
		bool told = unseen_together(model, i) != 0;
		counts.unseen += told;
		*(model->unseen_fails ? &counts.errors : &counts.skipped_unseen) += told;
	}
	return counts;
}

static void write_head(const struct model *model, const struct counts *counts, FILE *out)
{
	uint64_t run_ns = 0;

	for (size_t i = 0; i < model->process_count; i++)
		if (model->processes[i].run_ns > run_ns)
			run_ns = model->processes[i].run_ns;
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
	      "  <testsuite id=\"0\" name=\"leak\" package=\"leak\" hostname=\"localhost\"",
		out);
	write_timestamp(model, out);
	fprintf(out,
		" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\" "
		"time=\"%" PRIu64 ".%03u\">\n",
		counts->failures + counts->skipped + counts->passed + counts->unseen,
		counts->failures, counts->errors, counts->skipped + counts->skipped_unseen,
		run_ns / 1000000000u, (unsigned)(run_ns / 1000000u % 1000u));
}

static void render(const struct model *model, const struct render_options *options, FILE *out)
{
	size_t *ordinals = render_ordinals(model), program_count;
	struct passed *list = programs(model, &program_count);
	struct counts counts = count(model, list, program_count);

	write_head(model, &counts, out);
	write_properties(model, out);
	for (size_t i = 0; i < model->row_count; i++) {
		const struct site *site = model->rows[i].site;
		if (render_is_defect(&model->rows[i]) && (is_failure(site) || skip_reason(site)))
			write_site(model, site, ordinals[i], options->source_root, out);
	}
	for (size_t i = 0; i < program_count; i++)
		if (is_passed(&list[i]))
			write_passed(&list[i], out);
	for (size_t i = 0; i < model->unseen_count; i++) {
		size_t together = unseen_together(model, i);
		if (together)
			write_unseen(model, i, together, out);
	}
	fputs("    <system-out>", out);
	xml_text(out, model->verdict.line);
	fputs("</system-out>\n    <system-err>", out);
	write_notes(model, out);
	fputs("</system-err>\n  </testsuite>\n</testsuites>\n", out);
	free(list);
	free(ordinals);
}

const struct render_format render_junit = {
	.name = "junit",
	.help = "JUnit XML: a failed test for each call site",
	.all_sites = true,
	.only_sites = true,
	.kinds = CLASSES_SUSPECT,
	.render = render,
};
