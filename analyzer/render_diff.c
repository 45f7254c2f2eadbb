/*
 * What two models hold, side by side, as text and as JSON. Called by cmd_diff.c.
 */
#include "render_diff.h"

#include "memory.h"
#include "render_json.h"
#include "render_notes.h"
#include "text.h"
#include "text_stack.h"
#include "verdict.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* "12.4 MiB more", "300 bytes less", of an amount that is not 0. */
static const char *signed_bytes(char room[TEXT_SMALL], int64_t bytes)
{
	char small[TEXT_SMALL];

	snprintf(room, TEXT_SMALL, "%s%s", bytes < 0 ? "-" : "+",
		text_bytes(small, bytes < 0 ? -(uint64_t)bytes : (uint64_t)bytes));
	return room;
}

static const char *signed_count(char room[TEXT_SMALL], int64_t count)
{
	char small[TEXT_SMALL];

	snprintf(room, TEXT_SMALL, "%s%s", count < 0 ? "-" : "+",
		text_count(small, count < 0 ? -(uint64_t)count : (uint64_t)count));
	return room;
}

/* Bytes a second, where both pictures are of one process. */
static double rate(const struct diff *diff, int64_t bytes)
{
	return diff->same_process && diff->between_ns > 0
		       ? (double)bytes / ((double)diff->between_ns / 1e9)
		       : 0;
}

static void write_rate(const struct diff *diff, int64_t bytes, FILE *out)
{
	double per_second = rate(diff, bytes);
	char small[TEXT_SMALL];

	if (per_second >= 1 || per_second <= -1)
		fprintf(out, ", %s a second", signed_bytes(small, (int64_t)per_second));
}

/* "3 call sites new, 1 grown" */
static void write_counts(
	const struct diff *diff, enum diff_status one, enum diff_status other, FILE *out)
{
	const enum diff_status both[] = {one, other};
	char small[TEXT_SMALL];
	bool first = true;

	for (size_t i = 0; i < 2; i++) {
		size_t count = diff->counts[both[i]];
		if (count == 0)
			continue;
		fprintf(out, "%s%s", first ? "" : ", ", text_count(small, count));
		if (first)
			fprintf(out, " %s", text_plural(count, "call site", "call sites"));
		fprintf(out, " %s", diff_status_names[both[i]]);
		first = false;
	}
}

static void write_side(const struct diff *diff, bool more, FILE *out)
{
	enum diff_status one = more ? DIFF_NEW : DIFF_SHRUNK, other = more ? DIFF_GROWN : DIFF_GONE;
	uint64_t bytes = diff->amounts[one].bytes + diff->amounts[other].bytes;
	char small[TEXT_SMALL];

	fprintf(out, "%s %s (", text_bytes(small, bytes), more ? "more" : "less");
	write_counts(diff, one, other, out);
	putc(')', out);
}

/* The first line: what there is more of, and less of. */
static void write_verdict(const struct diff *diff, FILE *out)
{
	bool more = diff->counts[DIFF_NEW] + diff->counts[DIFF_GROWN] > 0;
	bool less = diff->counts[DIFF_SHRUNK] + diff->counts[DIFF_GONE] > 0;
	char small[TEXT_SMALL];

	if (!more && !less)
		fputs("no call site holds another amount than before", out);
	if (more)
		write_side(diff, true, out);
	if (more && less)
		fputs(", ", out);
	if (less)
		write_side(diff, false, out);
	if (diff->same_process && diff->between_ns > 0)
		fprintf(out, " in %s", text_time(small, (uint64_t)diff->between_ns));
}

static void write_model(
	const char *which, const struct model *model, const struct amount *sum, FILE *out)
{
	const struct process *process = model->processes;
	char small[2][TEXT_SMALL], state[120];

	fprintf(out, "%-8s %s in %s %s: ", which, text_bytes(small[0], sum->bytes),
		text_count(small[1], sum->blocks), text_plural(sum->blocks, "block", "blocks"));
	if (model->process_count > 1) {
		fprintf(out, "%zu processes\n", model->process_count);
		return;
	}
	char *image = text_escape(process->image), *exe = text_escape(text_basename(process->exe));
	verdict_state(process, state, sizeof(state));
	fprintf(out, "%s  %s [%d] %s", image, exe, process->pid, state);
	if (process->run_ns)
		fprintf(out, " after %s", text_time(small[0], process->run_ns));
	putc('\n', out);
	free(image);
	free(exe);
}

static void write_row(const struct diff *diff, const struct diff_row *row, size_t number,
	const struct render_options *options, bool *unnamed, FILE *out)
{
	const struct text_colors *colors = text_colors_for(options->color);
	const struct site *site = row->site;
	char small[4][TEXT_SMALL];

	bool region = site->kind != KIND_HEAP;
	const char *one = region ? "region" : "block", *many = region ? "regions" : "blocks";
	fprintf(out, "%s#%zu  %s in %s %s%s", colors->bold, number,
		signed_bytes(small[0], diff_bytes(row)), signed_count(small[1], diff_blocks(row)),
		diff_blocks(row) == 1 || diff_blocks(row) == -1 ? one : many, colors->off);
	fprintf(out, " by %s", site->allocator);
	write_rate(diff, diff_bytes(row), out);
	fprintf(out, "  %sid %08" PRIx64 "%s", colors->dim, row->fingerprint >> 32, colors->off);
	if (row->status == DIFF_NEW)
		fprintf(out, "  %sNEW%s", colors->warn, colors->off);
	fputs("\n    ", out);
	if (row->status == DIFF_GONE)
		fputs("nothing now", out);
	else
		fprintf(out, "%s in %s %s now", text_bytes(small[0], row->now.bytes),
			text_count(small[1], row->now.blocks),
			text_plural(row->now.blocks, one, many));
	if (row->status != DIFF_NEW)
		fprintf(out, ", %s in %s before", text_bytes(small[2], row->old.bytes),
			text_count(small[3], row->old.blocks));
	if (!region)
		fprintf(out, "; %s%s", model_class_words[site->class],
			row->mixed ? " and others" : "");
	if (row->places > 1)
		fprintf(out, "; %s places like this", text_count(small[0], row->places));
	putc('\n', out);
	text_stack_write(row->model, site, options, unnamed, out);
}

/* Rows of what grew, from the first on, or of what shrank, from the last on. */
static size_t write_rows(const struct diff *diff, bool more, size_t top, size_t *number,
	const struct render_options *options, bool *unnamed[2], FILE *out)
{
	size_t grown = diff->counts[DIFF_NEW] + diff->counts[DIFF_GROWN];
	size_t count = more ? grown : diff->row_count - grown;

	if (count)
		fprintf(out, "\n%s:\n", more ? "more than before" : "less than before");
	for (size_t i = 0; i < count && i < top; i++) {
		const struct diff_row *row = &diff->rows[more ? i : diff->row_count - 1 - i];
		write_row(diff, row, ++*number, options, unnamed[row->model == diff->now], out);
	}
	if (count > top)
		fprintf(out, "… %zu more (--all)\n", count - top);
	return count;
}

static char *missing(
	const struct model *model, const struct render_options *options, const bool *unnamed)
{
	char *text;
	size_t size;
	FILE *out = memory_stream(&text, &size);

	render_missing(model, options, unnamed, out);
	memory_stream_end(out);
	return text;
}

/* An own name of the program is part of what tells its call sites from others. */
static void note_names(const struct diff *diff, const struct render_options *options, FILE *out)
{
	const char *old = text_basename(diff->old->processes->exe);
	const char *now = text_basename(diff->now->processes->exe);

	if (diff->old->process_count > 1 || diff->now->process_count > 1 || strcmp(old, now) == 0)
		return;
	char *escaped_old = text_escape(old), *escaped_now = text_escape(now);
	render_note(options, out);
	fprintf(out,
		"the programs have different names, %s and %s: none of their own call sites count "
		"as the same\n",
		escaped_old, escaped_now);
	free(escaped_old);
	free(escaped_now);
}

/* What is missing in either; in both alike, it is told once. */
static void write_notes(const struct diff *diff, const struct render_options *options,
	bool *const unnamed[2], FILE *out)
{
	char *old = missing(diff->old, options, unnamed[0]);
	char *now = missing(diff->now, options, unnamed[1]);

	putc('\n', out);
	note_names(diff, options, out);
	for (char *line = old, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
		*end = '\0';
		if (strstr(now, line) == NULL)
			fprintf(out, "%s\n", line);
	}
	fputs(now, out);
	free(old);
	free(now);
}

void render_diff_text(
	const struct diff *diff, const struct render_options *options, size_t top, FILE *out)
{
	const struct text_colors *colors = text_colors_for(options->color);
	bool *unnamed[2] = {memory_zero(diff->old->module_count, sizeof(bool)),
		memory_zero(diff->now->module_count, sizeof(bool))};
	size_t number = 0;

	fprintf(out, "%sVERDICT%s  ", colors->bold, colors->off);
	write_verdict(diff, out);
	putc('\n', out);
	write_model("old", diff->old, &diff->old_sum, out);
	write_model("new", diff->now, &diff->now_sum, out);
	if (diff->unchanged)
		fprintf(out, "         %zu call %s unchanged\n", diff->unchanged,
			text_plural(diff->unchanged, "site", "sites"));
	write_rows(diff, true, top, &number, options, unnamed, out);
	write_rows(diff, false, top, &number, options, unnamed, out);
	write_notes(diff, options, unnamed, out);
	free(unnamed[0]);
	free(unnamed[1]);
}

static json_t *signed_seconds(int64_t ns)
{
	return ns < 0 ? json_real(-json_real_value(seconds(-(uint64_t)ns))) : seconds((uint64_t)ns);
}

static json_t *model_json(const struct model *model, const struct amount *sum)
{
	json_t *json = json_object(), *processes = json_array();

	json_object_set_new(json, "bytes", number(sum->bytes));
	json_object_set_new(json, "blocks", number(sum->blocks));
	for (size_t i = 0; i < model->process_count; i++)
		json_array_append_new(processes, render_json_process(model, &model->processes[i]));
	json_object_set_new(json, "processes", processes);
	return json;
}

static json_t *row_json(const struct diff *diff, const struct diff_row *row)
{
	json_t *json = json_object(), *delta = json_object();
	bool cut = false;
	char id[17];

	snprintf(id, sizeof(id), "%016" PRIx64, row->fingerprint);
	json_object_set_new(json, "id", json_string(id));
	json_object_set_new(json, "status", string(diff_status_names[row->status]));
	json_object_set_new(json, "kind", string(model_kind_names[row->site->kind]));
	json_object_set_new(json, "class", string(model_class_names[row->site->class]));
	json_object_set_new(json, "allocator", string(row->site->allocator));
	json_object_set_new(json, "places", number(row->places));
	json_object_set_new(json, "old", amount(&row->old, "blocks"));
	json_object_set_new(json, "new", amount(&row->now, "blocks"));
	json_object_set_new(delta, "bytes", json_integer(diff_bytes(row)));
	json_object_set_new(delta, "blocks", json_integer(diff_blocks(row)));
	json_object_set_new(json, "delta", delta);
	json_object_set_new(json, "bytes_per_second",
		diff->same_process && diff->between_ns > 0
			? json_real((double)(int64_t)rate(diff, diff_bytes(row)))
			: json_null());
	json_object_set_new(json, "frames", render_json_frames(row->model, row->site->frame, &cut));
	json_object_set_new(json, "stack_complete", json_boolean(!cut && row->site->frame));
	return json;
}

void render_diff_json(const struct diff *diff, size_t top, FILE *out)
{
	char *verdict;
	size_t size, first = 0, last = diff->row_count;
	FILE *line = memory_stream(&verdict, &size);
	bool begun = false;

	write_verdict(diff, line);
	memory_stream_end(line);
	fputs("{\"schema\":\"leak-diff/1\",\n\"verdict\":", out);
	render_json_value(string(verdict), out);
	fputs(",\n\"seconds\":", out);
	render_json_value(diff->same_process ? signed_seconds(diff->between_ns) : json_null(), out);
	fputs(",\n\"old\":", out);
	render_json_value(model_json(diff->old, &diff->old_sum), out);
	fputs(",\n\"new\":", out);
	render_json_value(model_json(diff->now, &diff->now_sum), out);
	fprintf(out, ",\n\"unchanged\":%zu,\n\"sites\":[", diff->unchanged);
	for (; first < last && top; top--) {
		const struct diff_row *row = &diff->rows[first];
		const struct diff_row *other = &diff->rows[last - 1];
		if (diff_bytes(row) + diff_bytes(other) >= 0) {
			first++;
		} else {
			row = other;
			last--;
		}
		render_json_element(row_json(diff, row), !begun, out);
		begun = true;
	}
	fputs("]}\n", out);
	free(verdict);
}
