/*
 * Judges a model by the gate's limits, a baseline, and what could not be measured. Called by
 * cmd_check.c and cmd_ci.c. Never green because there was nothing to see: a run of which no process
 * could be judged is not measured.
 */
#define _GNU_SOURCE
#include "cmd_gate.h"

#include "baseline_file.h"
#include "cmd_baseline.h"
#include "cmd_output.h"
#include "cmd_outputs.h"
#include "cmd_suppressions.h"
#include "command.h"
#include "foreign.h"
#include "memory.h"
#include "render.h"
#include "text.h"
#include "verdict.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KINDS_DEFAULT (CLASS_BIT(CLASS_DEFINITE) | CLASS_BIT(CLASS_POSSIBLE))

static int read_baseline(struct cmd_gate *gate, const struct settings *settings)
{
	const char *path = settings->baseline;

	if (path == NULL && !settings->no_baseline && access(BASELINE_NAME, F_OK) == 0)
		path = BASELINE_NAME;
	if (path == NULL)
		return EXIT_OK;
	gate->known_from = path;
	gate->baseline_damaged = cmd_baseline_read(&gate->baseline, path) != EXIT_OK;
	/* One that cannot be read at all would make everything new. */
	return gate->baseline_damaged && access(path, R_OK) < 0 ? EXIT_NOT_MEASURED : EXIT_OK;
}

static int wrong(const char *reason)
{
	command_complain("", reason);
	return EXIT_USAGE;
}

int cmd_gate_begin(struct cmd_gate *gate, const struct settings *settings)
{
	struct error error;

	*gate = (struct cmd_gate){
		.kinds = settings->kinds == KINDS_NOT_GIVEN ? KINDS_DEFAULT : settings->kinds};
	for (size_t i = 0; i < settings->fail_on.count; i++)
		if (gate_add(&gate->gate, settings->fail_on.texts[i], &error) < 0)
			return wrong(error.text);
	if (settings->exitcode > 255)
		return wrong("--exitcode: an exit status is at most 255");
	if (settings->no_symbolize)
		return wrong("--no-symbolize: leaks are known by their names");
	if (cmd_suppressions_check(settings) < 0)
		return EXIT_NOT_MEASURED;
	int status = read_baseline(gate, settings);
	if (status != EXIT_OK)
		return status;
	if (gate->gate.count == 0)
		gate_add(&gate->gate, gate->known_from ? "new" : "any", &error);
	if (!gate->known_from &&
		(gate_has(&gate->gate, GATE_NEW) || gate_has(&gate->gate, GATE_INCREASE)))
		return wrong("--fail-on=new and increase need a baseline: make one with `leak "
			     "baseline save`, or name it with --baseline");
	if (settings->iterations == 0)
		return wrong("--iterations: nothing is repeated 0 times");
	if (settings->iterations == UINT64_MAX && gate_has(&gate->gate, GATE_PER_ITERATION))
		return wrong("--fail-on=per-iter needs --iterations=N");
	return EXIT_OK;
}

enum cmd_gate_view cmd_gate_view(const struct cmd_gate *gate, const struct process *process)
{
	if (process->state == STATE_EXEC)
		return GATE_REPLACED;
	if (gate->users_only && foreign_program(process->exe))
		return GATE_FOREIGN;
	if (process->unrecorded || process->heap_unseen)
		return GATE_UNJUDGED;
	return (process->check && process->check->done) || process->live.blocks == 0 ||
			       gate->kinds & CLASS_BIT(CLASS_UNKNOWN)
		       ? GATE_JUDGED
		       : GATE_UNJUDGED;
}

/* Where there is a program of the user's, also one that could not be measured, the suite is about
 * that. Else it is about a program of the system. */
static bool has_users_program(const struct cmd_gate *gate, const struct model *model)
{
	for (size_t i = 0; i < model->process_count; i++)
		if (model->processes[i].exe[0] && !foreign_program(model->processes[i].exe))
			return true;
	for (size_t i = 0; i < gate->missing.count; i++)
		if (!foreign_program(gate->missing.items[i].program))
			return true;
	return false;
}

static void count_processes(struct cmd_gate *gate, const struct model *model)
{
	for (size_t i = 0; i < model->process_count; i++) {
		enum cmd_gate_view view = cmd_gate_view(gate, &model->processes[i]);
		gate->judged += view == GATE_JUDGED;
		gate->unjudged += view == GATE_UNJUDGED;
	}
}

/* Regions go with blocks of no known class. */
static unsigned kind_of(const struct baseline_entry *entry)
{
	for (size_t i = 0; entry->kind && i < CLASS_COUNT; i++)
		if (strcmp(entry->kind, model_class_names[i]) == 0)
			return CLASS_BIT(i);
	return CLASS_BIT(CLASS_UNKNOWN);
}

/* What the baseline has in all: what was seen again in whatever class, and of the rest what could
 * have been. */
static uint64_t known_bytes(const struct cmd_gate *gate, const struct settings *settings)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < gate->baseline.count; i++) {
		const struct baseline_entry *entry = &gate->baseline.entries[i];
		if (entry->seen || (settings->filters.count == 0 && kind_of(entry) & gate->kinds))
			bytes += entry->amount.bytes;
	}
	return bytes;
}

/* Rows of the outputs: what does not pass, and what is suppressed. With all, everything. */
static void keep_rows(struct model *model, bool all)
{
	size_t kept = 0;

	for (size_t i = 0; i < model->row_count && !all; i++)
		if (model->rows[i].site->over_limit ||
			model->rows[i].site->class == CLASS_SUPPRESSED)
			model->rows[kept++] = model->rows[i];
	if (!all)
		model->row_count = kept;
}

char *cmd_gate_unjudged(const struct process *process)
{
	char state[120], bytes[TEXT_SMALL], blocks[TEXT_SMALL], text[400];

	verdict_state(process, state, sizeof(state));
	if (process->heap_unseen)
		snprintf(text, sizeof(text), "%s; it allocates by its own malloc", state);
	else
		snprintf(text, sizeof(text), "%s; which of its %s in %s %s are lost is not known",
			state, text_bytes(bytes, process->live.bytes),
			text_count(blocks, process->live.blocks),
			text_plural(process->live.blocks, "block", "blocks"));
	return memory_copy(text);
}

/* For the outputs: a program that was not seen must not look like one that leaks nothing. */
static void list_unseen(const struct cmd_gate *gate, struct model *model, bool strict)
{
	model->unseen = memory_zero(gate->missing.count + gate->unjudged, sizeof(*model->unseen));
	for (size_t i = 0; i < model->process_count; i++) {
		struct process *process = &model->processes[i];
		enum cmd_gate_view view = cmd_gate_view(gate, process);
		process->unjudged = view != GATE_JUDGED;
		if (view == GATE_UNJUDGED)
			model->unseen[model->unseen_count++] = (struct unseen){
				.program = memory_copy(process->exe ? process->exe : "unknown"),
				.pid = process->pid,
				.recorded = true,
				.reason = cmd_gate_unjudged(process)};
	}
	for (size_t i = 0; i < gate->missing.count; i++) {
		const struct unmeasured *missing = &gate->missing.items[i];
		model->unseen[model->unseen_count++] =
			(struct unseen){.program = memory_copy(missing->program),
				.pid = missing->pid,
				.reason = memory_copy(missing->reason)};
	}
	model->unseen_fails = gate->judged == 0 || strict;
}

/* Most outputs have no place for what was not seen but their first line. */
static void tell_unseen(const struct cmd_gate *gate, struct verdict *verdict)
{
	size_t unseen = gate->missing.count + gate->unjudged, used = strlen(verdict->line);

	if (gate->judged == 0)
		snprintf(verdict->line, sizeof(verdict->line), "nothing could be judged");
	else if (unseen)
		snprintf(verdict->line + used, sizeof(verdict->line) - used,
			"; %zu %s not measured or not judged", unseen,
			text_plural(unseen, "process", "processes"));
}

static int complain(const char *path, const struct error *error)
{
	command_complain(path, error->text);
	return EXIT_NOT_MEASURED;
}

static void render_as(const struct model *model, const struct settings *settings,
	const char *format, const char *members, FILE *out)
{
	char *root = cmd_source_root(settings);
	struct render_options options = {.members = members,
		.verbose = settings->verbose,
		.quiet = true,
		.group = "site",
		.source_root = root};

	render_find(format)->render(model, &options, out);
	free(root);
}

static int write_report(
	struct cmd_gate *gate, struct cmd_model *loaded, const char *name, FILE *out)
{
	const struct settings *settings = loaded->settings;
	struct cmd_output file = {.out = out};
	struct error error;

	if (settings->output && cmd_output_open(&file, settings->output, &error) < 0)
		return complain(settings->output, &error);
	if (settings->json) {
		char *members = cmd_gate_json(gate, loaded);
		render_as(&loaded->model, settings, "json", members, file.out);
		free(members);
	} else {
		cmd_gate_report(
			gate, loaded, name, command_color(settings, fileno(file.out)), file.out);
	}
	if (settings->output && cmd_output_close(&file, &error) < 0)
		return complain(settings->output, &error);
	return EXIT_OK;
}

/* GitHub shows what a step prints in this form beside the code, and a page of Markdown. */
static int tell_github(struct cmd_model *loaded, FILE *out)
{
	const char *actions = getenv("GITHUB_ACTIONS"), *page = getenv("GITHUB_STEP_SUMMARY");
	struct error error;

	if (actions == NULL || strcmp(actions, "true") != 0)
		return EXIT_OK;
	if (loaded->settings->json && !loaded->settings->output)
		out = stderr; /* both are looked at, and JSON must stay JSON */
	render_as(&loaded->model, loaded->settings, "github", NULL, out);
	if (page == NULL || page[0] == '\0' || loaded->settings->markdown)
		return EXIT_OK;
	FILE *file = fopen(page, "ae"); /* other steps have written to it, too */
	if (file)
		render_as(&loaded->model, loaded->settings, "markdown", NULL, file);
	if (file && fclose(file) == 0)
		return EXIT_OK;
	error_set(&error, "the summary could not be written there (GITHUB_STEP_SUMMARY)");
	return complain(page, &error);
}

static int conclude(const struct cmd_gate *gate, int written, const struct settings *settings)
{
	if (gate->gate.is_over)
		return (int)settings->exitcode;
	return gate->pass ? written : EXIT_NOT_MEASURED;
}

static bool passes(const struct cmd_gate *gate, const struct settings *settings)
{
	bool partial = gate->missing.count || gate->unjudged || gate->incomplete;

	return !gate->gate.is_over && gate->judged && !(settings->strict && partial) &&
	       !gate->baseline_damaged;
}

int cmd_gate_judge(struct cmd_gate *gate, struct cmd_model *loaded, const char *name, FILE *out)
{
	const struct settings *settings = loaded->settings;
	struct cmd_view view = cmd_outputs_view(settings);
	uint64_t iterations = settings->iterations == UINT64_MAX ? 1 : settings->iterations;
	struct model *model = &loaded->model;

	view.kinds |= gate->kinds;
	view.leave_out_replaced = true; /* it is gone, and no leak */
	cmd_model_refine(loaded, &view);
	gate->users_only = !settings->all_programs && has_users_program(gate, model);
	if (gate->users_only)
		foreign_mark(model);
	if (gate->known_from)
		baseline_match(&gate->baseline, model, gate->kinds);
	gate_apply(&gate->gate, model, gate->kinds, known_bytes(gate, settings), iterations);
	count_processes(gate, model);
	tell_unseen(gate, &model->verdict);
	list_unseen(gate, model, settings->strict);
	gate->pass = passes(gate, settings) && loaded->failed == 0;
	keep_rows(model, settings->all);
	int written = cmd_outputs_write(model, settings);
	int told = tell_github(loaded, out);
	int reported = write_report(gate, loaded, name, out);
	int profiled = cmd_outputs_write_profiles(loaded);
	if (written == EXIT_OK)
		written = told == EXIT_OK ? profiled : told;
	return conclude(gate, written == EXIT_OK ? reported : written, settings);
}

void cmd_gate_free(struct cmd_gate *gate)
{
	gate_free(&gate->gate);
	baseline_free(&gate->baseline);
	unmeasured_free(&gate->missing);
}
