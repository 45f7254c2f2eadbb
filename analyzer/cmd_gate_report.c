/*
 * What leak check and leak ci tell people: which processes leak, where, what could not be seen, and
 * whether it passes. Called by cmd_gate.c.
 */
#define _GNU_SOURCE
#include "cmd_gate.h"

#include "command.h"
#include "memory.h"
#include "render_site.h"
#include "text.h"
#include "text_stack.h"
#include "verdict.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#define LINES_SHOWN 20 /* of processes, of what was not measured */
#define SITES_SHOWN 10

struct writing {
	const struct cmd_gate *gate;
	const struct cmd_model *loaded;
	const struct text_colors *colors;
	FILE *out;
	size_t limit; /* of lines in a list; SIZE_MAX with --verbose */
};

static void write_escaped(FILE *out, const char *text)
{
	char *escaped = text_escape(text);

	fputs(escaped, out);
	free(escaped);
}

static const char *amount_text(char room[2 * TEXT_SMALL + 16], const struct amount *amount)
{
	char small[2][TEXT_SMALL];

	snprintf(room, 2 * TEXT_SMALL + 16, "%s in %s %s", text_bytes(small[0], amount->bytes),
		text_count(small[1], amount->blocks),
		text_plural(amount->blocks, "block", "blocks"));
	return room;
}

/* ---- processes ---- */

struct leaker {
	const struct process *process;
	struct amount over;
};

static int compare_leakers(const void *a, const void *b)
{
	const struct leaker *one = a, *other = b;

	if (one->over.bytes != other->over.bytes)
		return one->over.bytes > other->over.bytes ? -1 : 1;
	return one->process->id < other->process->id ? -1 : one->process->id > other->process->id;
}

/* What each process has of the sites that do not pass; those that have some come first. */
static struct leaker *find_leakers(const struct model *model, unsigned kinds, size_t *ret_count)
{
	struct leaker *by_id = memory_zero(model->process_count, sizeof(*by_id));
	size_t count = 0;

	for (size_t i = 0; i < model->process_count; i++)
		by_id[model->processes[i].id].process = &model->processes[i];
	for (size_t i = 0; i < model->site_count; i++) {
		const struct site *site = &model->sites[i];
		for (size_t k = 0; site->over_limit && k < site->share_count; k++) {
			struct leaker *leaker = &by_id[site->shares[k].process];
			struct amount share = gate_share(site, kinds, &site->shares[k]);
			leaker->over.bytes += share.bytes;
			leaker->over.blocks += share.blocks;
		}
	}
	for (size_t i = 0; i < model->process_count; i++)
		if (by_id[i].over.blocks)
			by_id[count++] = by_id[i];
	if (count)
		qsort(by_id, count, sizeof(*by_id), compare_leakers);
	*ret_count = count;
	return by_id;
}

static void write_command(FILE *out, const struct process *process)
{
	if (process->args[0] == NULL)
		write_escaped(out, process->exe);
	for (char **arg = process->args; *arg; arg++) {
		fputs(arg > process->args ? " " : "", out);
		write_escaped(out, *arg);
	}
	if (process->args_cut)
		fputs(" …", out);
}

static void write_leakers(const struct writing *writing)
{
	size_t count, shown;
	struct leaker *leakers =
		find_leakers(&writing->loaded->model, writing->gate->kinds, &count);

	shown = count > writing->limit ? writing->limit : count;
	if (count)
		fprintf(writing->out, "\n%12s  %10s  %8s  PROCESS\n", "LEAKED", "BLOCKS", "PID");
	for (size_t i = 0; i < shown; i++) {
		char small[2][TEXT_SMALL], state[120];
		const struct process *process = leakers[i].process;
		verdict_state(process, state, sizeof(state));
		fprintf(writing->out, "%12s  %10s  %8d  ",
			text_bytes_short(small[0], leakers[i].over.bytes),
			text_count(small[1], leakers[i].over.blocks), process->pid);
		write_command(writing->out, process);
		fprintf(writing->out, " (%s)\n", state);
	}
	if (shown < count)
		fprintf(writing->out, "%12s … %zu more processes (-v)\n", "", count - shown);
	free(leakers);
}

/* ---- sites ---- */

static void write_site(const struct writing *writing, size_t number, const struct site *site)
{
	const struct render_options options = {.color = writing->colors->off[0] != '\0',
		.verbose = writing->loaded->settings->verbose};
	const struct model *model = &writing->loaded->model;
	struct amount amount = gate_amount(site, writing->gate->kinds);
	bool *unnamed = memory_zero(model->module_count, sizeof(*unnamed));
	uint64_t iterations = writing->loaded->settings->iterations;
	char room[2 * TEXT_SMALL + 16], small[TEXT_SMALL];

	fprintf(writing->out, "\n#%zu  %s%s%s %s by %s", number, writing->colors->bold,
		amount_text(room, &amount), writing->colors->off,
		site->kind == KIND_HEAP ? model_class_words[site->class] : "still mapped",
		site->allocator);
	if (site->share_count > 1)
		fprintf(writing->out, ", %zu processes", site->share_count);
	if (iterations != UINT64_MAX)
		fprintf(writing->out, ", %s an iteration",
			text_bytes(small, (amount.bytes + iterations / 2) / iterations));
	if (site->baseline == BASELINE_NEW)
		fprintf(writing->out, "  %sNEW%s", writing->colors->warn, writing->colors->off);
	if (site->baseline == BASELINE_GROWN)
		fprintf(writing->out, "  %sGROWN%s from %s", writing->colors->warn,
			writing->colors->off, amount_text(room, &site->baseline_amount));
	fprintf(writing->out, "  id %08" PRIx64 "\n", site->fingerprint >> 32);
	text_stack_write(model, site, &options, unnamed, writing->out);
	free(unnamed);
}

static void write_sites(const struct writing *writing)
{
	const struct model *model = &writing->loaded->model;
	size_t shown = 0, all = 0;

	for (size_t i = 0; i < model->row_count; i++) {
		const struct site *site = model->rows[i].site;
		if (!site->over_limit)
			continue;
		if (all++ < (writing->limit == SIZE_MAX ? SIZE_MAX : SITES_SHOWN))
			write_site(writing, ++shown, site);
	}
	if (shown < all)
		fprintf(writing->out, "\n… %zu more call sites (-v)\n", all - shown);
}

/* ---- what was not seen ---- */

static void write_missing(const struct writing *writing)
{
	const struct unmeasured_list *missing = &writing->gate->missing;
	size_t shown = missing->count > writing->limit ? writing->limit : missing->count;

	for (size_t i = 0; i < shown; i++) {
		fprintf(writing->out, "%snot measured: ", i ? "" : "\n");
		write_escaped(writing->out, missing->items[i].program);
		fprintf(writing->out, " [%d] %s\n", missing->items[i].pid,
			missing->items[i].reason);
	}
	if (shown < missing->count)
		fprintf(writing->out, "not measured: … %zu more (-v)\n", missing->count - shown);
}

static void write_unjudged(const struct writing *writing)
{
	const struct model *model = &writing->loaded->model;
	size_t shown = 0, left = writing->gate->unjudged;

	for (size_t i = 0; i < model->process_count && left && shown < writing->limit; i++) {
		const struct process *process = &model->processes[i];
		if (cmd_gate_view(writing->gate, process) != GATE_UNJUDGED)
			continue;
		char *reason = cmd_gate_unjudged(process);
		fputs(shown++ ? "not judged: " : "\nnot judged: ", writing->out);
		write_command(writing->out, process);
		fprintf(writing->out, " [%d] %s\n", process->pid, reason);
		free(reason);
		left--;
	}
	if (left)
		fprintf(writing->out, "not judged: … %zu more (-v)\n", left);
}

/* What the system's programs leak; they are not what the suite is about. */
static void write_foreign(const struct writing *writing)
{
	const struct model *model = &writing->loaded->model;
	char room[2 * TEXT_SMALL + 16];
	struct amount sum = {0};

	for (size_t i = 0; i < model->site_count; i++) {
		const struct site *site = &model->sites[i];
		struct amount amount = gate_amount(site, writing->gate->kinds);
		if (!site->foreign || site->left_out || site->class == CLASS_SUPPRESSED ||
			!(writing->gate->kinds & CLASS_BIT(site->class)))
			continue;
		sum.bytes += amount.bytes;
		sum.blocks += amount.blocks;
	}
	if (sum.blocks)
		fprintf(writing->out,
			"not judged: %s of programs of the system (--all-programs judges them)\n",
			amount_text(room, &sum));
}

/* ---- the end ---- */

static void write_value(FILE *out, const struct gate_limit *limit, double value)
{
	char small[TEXT_SMALL];

	switch (limit->measure) {
	case GATE_INCREASE:
		if (value >= GATE_FROM_NOTHING)
			fputs("what was not there before", out);
		else
			fprintf(out, "%.1f%% more", value);
		return;
	case GATE_SLOPE:
		fprintf(out, "%s a second", text_bytes(small, (uint64_t)value));
		return;
	case GATE_PER_ITERATION:
		fprintf(out, "%s an iteration", text_bytes(small, (uint64_t)value));
		return;
	case GATE_BYTES:
		fputs(text_bytes(small, (uint64_t)value), out);
		return;
	default:
		fprintf(out, "%s %s", text_count(small, (uint64_t)value),
			text_plural((uint64_t)value, "block", "blocks"));
	}
}

static void write_limits(const struct writing *writing)
{
	const struct gate *gate = &writing->gate->gate;

	for (size_t i = 0; i < gate->count; i++) {
		const struct gate_limit *limit = &gate->limits[i];
		if (!limit->is_over || limit->measure == GATE_ANY || limit->measure == GATE_NEW)
			continue;
		fprintf(writing->out, "over %s: ", limit->text);
		write_value(writing->out, limit, limit->measured);
		if (limit->each_site)
			fprintf(writing->out, " at the worst of %zu call %s", limit->sites,
				text_plural(limit->sites, "site", "sites"));
		putc('\n', writing->out);
	}
}

static void write_baseline(const struct writing *writing)
{
	const struct comparison *comparison = &writing->loaded->model.comparison;

	if (!comparison->done)
		return;
	fputs("baseline ", writing->out);
	write_escaped(writing->out, writing->gate->known_from);
	fprintf(writing->out, ": %zu known, %zu grown, %zu new, %zu gone%s\n", comparison->known,
		comparison->grown, comparison->added, comparison->gone,
		comparison->gone ? " (leak baseline prune drops them)" : "");
}

/* A --filter with a typing error lets everything pass. */
static void write_filters(const struct writing *writing)
{
	const struct model *model = &writing->loaded->model;
	size_t sites = 0, matching = 0;

	for (size_t i = 0; i < model->site_count; i++) {
		sites += model->sites[i].live.blocks != 0;
		matching += model->sites[i].live.blocks != 0 && !model->sites[i].left_out;
	}
	fprintf(writing->out, "; %zu of %zu call %s match%s", matching, sites,
		text_plural(sites, "site", "sites"), matching == 1 ? "es" : "");
	for (size_t i = 0; i < model->scope.filter_count; i++) {
		fputs(" --filter=", writing->out);
		write_escaped(writing->out, model->scope.filters[i]);
	}
}

/* How the command failed; NULL: it did not, or there was none. */
static const char *failure_text(int status, char *room, size_t size)
{
	char small[TEXT_SMALL];

	if (WIFSIGNALED(status))
		snprintf(room, size, "the command was killed by %s",
			text_signal(small, WTERMSIG(status)));
	else
		snprintf(room, size, "the command exited with status %d", WEXITSTATUS(status));
	return status ? room : NULL;
}

/* A suite that failed has not passed, whatever its memory. */
static void write_word(const struct writing *writing, const char *failure)
{
	const struct cmd_gate *gate = writing->gate;
	const struct text_colors *colors = writing->colors;

	if (gate->gate.is_over)
		fprintf(writing->out, "%sFAIL%s  ", colors->warn, colors->off);
	else if (!gate->pass)
		fputs(gate->judged ? "INCOMPLETE  " : "NOT MEASURED  ", writing->out);
	else if (failure)
		fprintf(writing->out, "no %s, but %s%s%s; ",
			gate_has(&gate->gate, GATE_NEW) ? "new leaks"
			: gate->gate.judged_sites       ? "leaks over the limits"
							: "leaks",
			colors->warn, failure, colors->off);
	else
		fputs("PASS  ", writing->out);
}

static void write_verdict(const struct writing *writing, const char *name)
{
	const struct cmd_gate *gate = writing->gate;
	const struct gate *limits = &gate->gate;
	char room[2][2 * TEXT_SMALL + 16], small[2][TEXT_SMALL], ended[100];
	const char *failure = failure_text(gate->command_status, ended, sizeof(ended));
	size_t unseen = gate->missing.count + gate->unjudged;

	fprintf(writing->out, "%s: ", name);
	write_word(writing, failure);
	if (limits->is_over)
		fprintf(writing->out,
			"%s at %s call %s (--fail-on=", amount_text(room[0], &limits->over),
			text_count(small[0], limits->over_sites),
			text_plural(limits->over_sites, "site", "sites"));
	for (size_t i = 0, said = 0; limits->is_over && i < limits->count; i++)
		if (limits->limits[i].is_over)
			fprintf(writing->out, "%s%s", said++ ? "," : "", limits->limits[i].text);
	if (limits->is_over)
		fputs("); ", writing->out);
	else if (gate->judged && limits->judged_sites)
		fprintf(writing->out, "%s at %s call %s let pass; ",
			amount_text(room[1], &limits->judged),
			text_count(small[0], limits->judged_sites),
			text_plural(limits->judged_sites, "site", "sites"));
	fprintf(writing->out, "%s %s judged", text_count(small[0], gate->judged),
		text_plural(gate->judged, "process", "processes"));
	if (unseen)
		fprintf(writing->out, ", %s not", text_count(small[1], unseen));
	if (writing->loaded->model.scope.filter_count)
		write_filters(writing);
	if (failure && !gate->pass)
		fprintf(writing->out, "; %s", failure);
	putc('\n', writing->out);
}

void cmd_gate_report(const struct cmd_gate *gate, const struct cmd_model *loaded, const char *name,
	bool color, FILE *out)
{
	const struct settings *settings = loaded->settings;
	const struct writing writing = {.gate = gate,
		.loaded = loaded,
		.colors = text_colors_for(color),
		.out = out,
		.limit = settings->verbose ? SIZE_MAX : LINES_SHOWN};

	if (!settings->quiet) {
		write_leakers(&writing);
		write_sites(&writing);
		write_missing(&writing);
		write_unjudged(&writing);
		if (gate->gate.over_sites || gate->missing.count || gate->unjudged)
			putc('\n', out);
		write_foreign(&writing);
		write_baseline(&writing);
		write_limits(&writing);
	}
	write_verdict(&writing, name);
}
