/*
 * Lays out the screen of `leak top`. Called by cmd_top.c, for terminals and for files. What does
 * not fit is left out from the right: first whole columns and parts of lines, then ends of names.
 * Wide characters count as one column; then a terminal cuts the line.
 */
#include "top_table.h"

#include "memory.h"
#include "text.h"
#include "text_function.h"
#include "text_stack.h"
#include "verdict.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LABEL 10       /* columns of the words before the lines */
#define CALLERS_MAX 8  /* functions named after a call site */
#define CALLER_LEAST 6 /* columns that are worth cutting a name for */
#define UNLIMITED ((size_t)1 << 30)

/* A line that is being written, and how many columns are left in it. */
struct line {
	FILE *out;
	const struct text_colors *colors;
	size_t left;
	bool full; /* a part did not fit: neither do those after it */
};

static struct line begin(const struct top_table *table, FILE *out)
{
	return (struct line){.out = out,
		.colors = text_colors_for(table->color),
		.left = table->width ? (size_t)table->width : UNLIMITED};
}

static void end(struct line *line)
{
	putc('\n', line->out);
}

/* Writes text that is safe on a terminal, cut at the end of the line. */
static void put(struct line *line, const char *color, const char *text)
{
	size_t columns = text_columns(text);

	if (line->left == 0)
		return;
	fputs(color, line->out);
	if (columns <= line->left) {
		fputs(text, line->out);
		line->left -= columns;
	} else {
		for (size_t shown = 0; *text; text++) {
			if (((unsigned char)*text & 0xc0) != 0x80 && ++shown == line->left)
				break;
			putc(*text, line->out);
		}
		fputs("…", line->out);
		line->left = 0;
	}
	if (color[0])
		fputs(line->colors->off, line->out);
}

/* A part of a line that is there completely or not at all, and no other after it. */
static void part(struct line *line, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void part(struct line *line, const char *format, ...)
{
	char text[600];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (text_columns(text) > line->left)
		line->full = true;
	if (!line->full)
		put(line, "", text);
}

/* "120 MiB", at most 8 columns. */
static const char *tight_bytes(char room[TEXT_SMALL], uint64_t bytes)
{
	static const char *const units[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
	double value = (double)bytes / 1024;
	size_t unit = 0;

	if (bytes < 10000)
		return text_bytes_short(room, bytes);
	for (; value >= 1023.5 && unit < 5; unit++)
		value /= 1024;
	snprintf(room, TEXT_SMALL, value < 99.95 ? "%.1f %s" : "%.0f %s", value, units[unit]);
	return room;
}

/* The same with a sign, and `unit` behind it. */
static const char *tight_change(char room[TEXT_SMALL], int64_t bytes, const char *unit)
{
	char small[TEXT_SMALL];
	uint64_t size = bytes < 0 ? -(uint64_t)bytes : (uint64_t)bytes;

	if (bytes == 0)
		return "0";
	snprintf(room, TEXT_SMALL, "%s%.20s%s", bytes < 0 ? "-" : "+", tight_bytes(small, size),
		unit);
	return room;
}

/* "1,203,441" or "12.3 M", at most 9 columns. */
static const char *tight_count(char room[TEXT_SMALL], uint64_t count)
{
	if (count < 10000000)
		return text_count(room, count);
	if (count < 100000000000)
		snprintf(room, TEXT_SMALL, "%.1f M", (double)count / 1e6);
	else
		snprintf(room, TEXT_SMALL, "%.3g M", (double)count / 1e6);
	return room;
}

/* Events per second. */
static const char *tight_rate(char room[TEXT_SMALL], double rate)
{
	if (rate < 0.05)
		return "0";
	if (rate < 9.95)
		snprintf(room, TEXT_SMALL, "%.1f", rate);
	else
		tight_count(room, (uint64_t)(rate + 0.5));
	return room;
}

static int64_t to_bytes(double rate)
{
	return (int64_t)(rate < -9e18 ? -9e18 : rate > 9e18 ? 9e18 : rate);
}

/* On such a screen growth is worth more than counts. */
static bool is_narrow(const struct top_table *table)
{
	return table->width && table->width < 60;
}

/* Is there anything to compare with? */
static bool has_growth(const struct top_table *table)
{
	return table->growth->loads > 1;
}

/* ------------------------------------------------------------------ the lines about the process */

static const struct process *process_of(const struct top_table *table)
{
	return &table->model->processes[0];
}

static struct line begin_labelled(const struct top_table *table, const char *label, FILE *out)
{
	struct line line = begin(table, out);
	char text[LABEL + 1];

	snprintf(text, sizeof(text), "%-*s", LABEL, label);
	put(&line, line.colors->dim, text);
	return line;
}

static void write_title(const struct top_table *table, FILE *out)
{
	const struct process *process = process_of(table);
	struct line line = begin(table, out);
	char small[TEXT_SMALL], state[120], clock[32] = "";
	const char *called =
		process->args[0] && process->args[0][0] ? process->args[0] : process->exe;
	char *name = text_escape(text_basename(called));
	time_t now = time(NULL);
	struct tm parts;

	if (localtime_r(&now, &parts))
		strftime(clock, sizeof(clock), " %H:%M:%S", &parts);
	put(&line, line.colors->bold, "leak top");
	if (table->width == 0 || table->width >= 64)
		part(&line, "%s", clock);
	put(&line, "", "  ");
	put(&line, line.colors->bold, name);
	part(&line, " [%d]", table->pid ? table->pid : process->pid);
	verdict_state(process, state, sizeof(state));
	part(&line, " %s", state);
	if (process->run_ns)
		part(&line, ", recorded for %s", text_time(small, process->run_ns));
	if (table->keys)
		part(&line, ", every %s", table->interval);
	end(&line);
	free(name);
}

/* How an amount has changed since the first load, and does. */
static void add_trend(struct line *line, const struct top_table *table, const struct trend *trend)
{
	char small[2][TEXT_SMALL];
	uint64_t since = table->growth->now_ns - table->growth->start_ns;

	if (!has_growth(table))
		return;
	part(line, ", %s", tight_change(small[0], to_bytes(trend->rate.per_second), "/s"));
	part(line, ", %s in %s", tight_change(small[0], (int64_t)(trend->now - trend->first), ""),
		text_time(small[1], since));
}

static void write_live(const struct top_table *table, FILE *out)
{
	const struct growth *growth = table->growth;
	struct line line = begin_labelled(table, "live", out);
	char small[2][TEXT_SMALL];

	part(&line, "%s", text_bytes_short(small[0], growth->live_now.bytes));
	if (!is_narrow(table))
		part(&line, " in %s %s", text_count(small[1], growth->live_now.blocks),
			text_plural(growth->live_now.blocks, "block", "blocks"));
	add_trend(&line, table, &growth->live);
	if (growth->suppressed.blocks)
		part(&line, "; %s suppressed",
			text_bytes_short(small[0], growth->suppressed.bytes));
	end(&line);
}

static void write_calls(const struct top_table *table, FILE *out)
{
	const struct process *process = process_of(table);
	struct line line = begin_labelled(table, "calls", out);
	char small[2][TEXT_SMALL];

	if (has_growth(table)) {
		part(&line, "%s allocations/s",
			tight_rate(small[0], table->growth->allocs.rate.per_second));
		part(&line, ", %s frees/s",
			tight_rate(small[0], table->growth->frees.rate.per_second));
	}
	part(&line, "%s%s allocations, %s frees%s", has_growth(table) ? "; " : "",
		tight_count(small[0], process->allocs), tight_count(small[1], process->frees),
		has_growth(table) ? " so far" : "");
	end(&line);
}

static void write_memory(const struct top_table *table, FILE *out)
{
	const struct follow_memory *memory = &table->memory;
	struct line line = begin_labelled(table, "memory", out);
	char small[TEXT_SMALL];
	uint64_t anonymous = memory->anonymous + memory->swapped;

	part(&line, "%s resident", text_bytes_short(small, memory->resident));
	part(&line, ", %s anonymous", text_bytes_short(small, memory->anonymous));
	if (memory->swapped)
		part(&line, ", %s in swap", text_bytes_short(small, memory->swapped));
	if (anonymous)
		part(&line, "; live is %s of %s",
			text_share(small, table->growth->live_now.bytes, anonymous),
			memory->swapped ? "both" : "that");
	end(&line);
}

static void write_mapped(const struct top_table *table, FILE *out)
{
	const struct growth *growth = table->growth;
	struct line line = begin_labelled(table, "mapped", out);
	char small[2][TEXT_SMALL];

	part(&line, "%s", text_bytes_short(small[0], growth->mapped_now.bytes));
	if (!is_narrow(table))
		part(&line, " in %s %s", text_count(small[1], growth->mapped_now.blocks),
			text_plural(growth->mapped_now.blocks, "region", "regions"));
	add_trend(&line, table, &growth->mapped);
	end(&line);
}

static void write_recorder(const struct top_table *table, FILE *out)
{
	struct line line = begin_labelled(table, "recorder", out);
	char small[TEXT_SMALL];

	part(&line, "%s of tables", text_bytes_short(small, process_of(table)->image_bytes));
	if (table->memory.resident)
		part(&line, ", resident as well");
	end(&line);
}

/* What was not recorded, or could not be read. Nothing is written when that is nothing. */
static size_t write_notes(const struct top_table *table, bool dry, FILE *out)
{
	const struct process *process = process_of(table);
	struct line line = {0};
	char small[TEXT_SMALL];
	size_t notes = 0;

	if (!dry)
		line = begin_labelled(table, "note", out);
#define NOTE(count, text)                                                                          \
	if (count) {                                                                               \
		if (!dry)                                                                          \
			part(&line, "%s%s %s", notes ? "; " : "", text_count(small, count), text); \
		notes++;                                                                           \
	}
	NOTE(process->wanted_bytes - process->readable_bytes, "bytes of the image are not readable")
	for (size_t i = 0; i < process->lost_count; i++) {
		const struct lost_row *row = &process->lost[i];
		NOTE(row->count, row->count == 1 && row->one ? row->one : row->text)
	}
	NOTE(process->unsized_blocks, "blocks without a readable size")
	NOTE(process->lost_stacks, "blocks or regions without a readable call site")
	NOTE(table->growth->left_out, "call sites do not match the filter")
#undef NOTE
	if (!dry)
		end(&line);
	return notes;
}

/* The lines in the order of their worth: a low screen has only the first. */
static void write_notes_line(const struct top_table *table, FILE *out)
{
	write_notes(table, false, out);
}

static bool has_notes(const struct top_table *table)
{
	return write_notes(table, true, NULL) > 0;
}

static bool has_memory(const struct top_table *table)
{
	return table->memory.resident > 0;
}

static bool has_mapped(const struct top_table *table)
{
	return table->growth->mapped_now.blocks > 0 || table->growth->mapped.first > 0;
}

static const struct head {
	void (*write)(const struct top_table *table, FILE *out);
	bool (*is_there)(const struct top_table *table); /* NULL: always */
} heads[] = {
	{write_title, NULL},
	{write_live, NULL},
	{write_calls, NULL},
	{write_memory, has_memory},
	{write_mapped, has_mapped},
	{write_notes_line, has_notes},
	{write_recorder, NULL},
};

#define HEADS (sizeof(heads) / sizeof(heads[0]))

/* How many lines the head may have: about a third of the screen. */
static size_t head_room(const struct top_table *table)
{
	size_t room = table->height ? (size_t)table->height / 3 : HEADS;

	return room < 2 ? 2 : room;
}

static size_t write_head(const struct top_table *table, FILE *out)
{
	size_t lines = 0, room = head_room(table);

	for (size_t i = 0; i < HEADS && lines < room; i++) {
		if (heads[i].is_there && !heads[i].is_there(table))
			continue;
		heads[i].write(table, out);
		lines++;
	}
	return lines;
}

/* --------------------------------------------------------------------------------------- the table
 */

enum column_id {
	COLUMN_LIVE,
	COLUMN_BLOCKS,
	COLUMN_GROWTH,
	COLUMN_LAST,
	COLUMN_RATE,
	COLUMN_ALLOCS
};

static const struct column {
	enum column_id id;
	const char *title, *region_title;
	size_t width;
	int least; /* columns of a screen that shows it */
	bool grows;
} columns[] = {
	{COLUMN_LIVE, "LIVE", "MAPPED", 8, 0, false},
	{COLUMN_BLOCKS, "BLOCKS", "REGIONS", 9, 76, false},
	{COLUMN_GROWTH, "GROWTH", "GROWTH", 10, 0, true},
	{COLUMN_LAST, "LAST", "LAST", 10, 112, true},
	{COLUMN_RATE, "RATE", "RATE", 12, 64, true},
	{COLUMN_ALLOCS, "ALLOCS/s", "CALLS/s", 9, 96, false},
};

#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

static const char *cell(const struct top_table *table, const struct growth_row *row,
	enum column_id column, char room[TEXT_SMALL])
{
	bool growth = has_growth(table);

	switch (column) {
	case COLUMN_LIVE:
		return tight_bytes(room, row->live.bytes);
	case COLUMN_BLOCKS:
		return tight_count(room, row->live.blocks);
	case COLUMN_GROWTH:
		return growth ? tight_change(room, row->since_start, "") : "-";
	case COLUMN_LAST:
		return growth ? tight_change(room, row->since_last, "") : "-";
	case COLUMN_RATE:
		return growth ? tight_change(room, to_bytes(row->bytes_rate), "/s") : "-";
	case COLUMN_ALLOCS:
		return row->allocs_known ? tight_rate(room, row->allocs_rate) : "-";
	}
	return "";
}

/* The text of a cell, to the right of its column. */
static void put_cell(struct line *line, const char *color, const char *text, size_t width)
{
	char padded[TEXT_SMALL * 2];
	size_t have = text_columns(text);

	snprintf(
		padded, sizeof(padded), " %*s%s", have < width ? (int)(width - have) : 0, "", text);
	put(line, color, padded);
}

static void write_titles(const struct top_table *table, bool regions, FILE *out)
{
	struct line line = begin(table, out);
	const char *color = table->color ? "\033[7m" : "";

	for (size_t i = 0; i < COLUMNS; i++)
		if (table->width == 0 || table->width >= columns[i].least)
			put_cell(&line, color, regions ? columns[i].region_title : columns[i].title,
				columns[i].width);
	put(&line, color, "  CALL SITE");
	for (; table->color && table->width && line.left;)
		put(&line, color, " ");
	end(&line);
}

/* The function, or where it is in its module; for the caller to free. */
static char *function_name(
	const struct model *model, const struct frame *frame, const struct location *location)
{
	char *raw = text_function(model, frame, location, false), *escaped = text_escape(raw);

	free(raw);
	return escaped;
}

/* "db.c:181", or the library's name; "" where the function's name says it. For the caller to free.
 */
static char *place_name(
	const struct model *model, const struct frame *frame, const struct location *location)
{
	const struct module *module = &model->modules[frame->module];
	char *name, *escaped;

	if (location->file == NULL)
		return location->function && !module->is_executable ? text_escape(module->name)
								    : memory_copy("");
	const char *file = text_basename(location->file);
	name = memory_zero(strlen(file) + 32, 1);
	sprintf(name, "%s:%" PRIu32, file, location->line);
	escaped = text_escape(name);
	free(name);
	return escaped;
}

static const struct location *location_at(const struct frame *frame, size_t index)
{
	static const struct location unknown;

	return frame->symbol && index < frame->symbol->count ? &frame->symbol->locations[index]
							     : &unknown;
}

/* The way to the call site: the functions of the program's own that called it, a recursion once. */
static void write_callers(const struct top_table *table, const struct growth_row *row,
	uint32_t number, size_t index, struct line *line)
{
	const struct model *model = table->model;
	const char *last = location_at(&model->frames[number], index)->function;
	bool own_only = model_site_is_own(model, row->site);
	size_t written = 0;

	for (index++; number && written < CALLERS_MAX; index++) {
		const struct frame *frame = &model->frames[number];
		if (index >= (frame->symbol ? frame->symbol->count : 1)) {
			number = frame->parent;
			index = (size_t)-1;
			continue;
		}
		const struct location *location = location_at(frame, index);
		if ((own_only && !model_is_own(&model->modules[frame->module], location)) ||
			(location->function && location->function == last))
			continue;
		last = location->function;
		char *name = function_name(model, frame, location);
		text_shorten_function(name, line->left > 3 ? line->left - 3 : 0);
		if (line->left >= CALLER_LEAST + 3 || line->left >= text_columns(name) + 3) {
			put(line, line->colors->dim, " < ");
			put(line, line->colors->dim, name);
		} else {
			line->left = 0;
		}
		written = line->left ? written + 1 : CALLERS_MAX;
		free(name);
	}
}

static void write_site(
	const struct top_table *table, const struct growth_row *row, struct line *line)
{
	const struct model *model = table->model;
	size_t index, room = line->left;
	uint32_t number = model_site_focus(model, row->site, &index);
	const struct frame *frame = &model->frames[number];
	const struct location *location = location_at(frame, index);

	if (number == 0) {
		put(line, line->colors->dim, "(no stack was recorded)");
		return;
	}
	char *name = function_name(model, frame, location);
	char *place = place_name(model, frame, location);
	size_t place_columns = place[0] ? text_columns(place) + 1 : 0;
	text_shorten_function(name, room > place_columns ? room - place_columns : 0);
	/* The place goes where there is no room for both. */
	bool fits = place_columns && text_columns(name) + place_columns <= room;
	put(line, model_is_own(&model->modules[frame->module], location) ? line->colors->bold : "",
		name);
	if (fits) {
		put(line, "", " ");
		put(line, line->colors->place, place);
	}
	write_callers(table, row, number, index, line);
	free(name);
	free(place);
}

static void write_row(const struct top_table *table, const struct growth_row *row, FILE *out)
{
	struct line line = begin(table, out);
	char room[TEXT_SMALL];

	for (size_t i = 0; i < COLUMNS; i++) {
		if (table->width && table->width < columns[i].least)
			continue;
		const char *text = cell(table, row, columns[i].id, room);
		put_cell(&line, columns[i].grows && text[0] == '+' ? line.colors->warn : "", text,
			columns[i].width);
	}
	put(&line, "", "  ");
	write_site(table, row, &line);
	end(&line);
}

static size_t least(size_t one, size_t other)
{
	return one < other ? one : other;
}

/* Writes up to `shown` of the rows [first, end), and in a file how many are left. Returns the
 * number of lines. */
static size_t write_rows(
	const struct top_table *table, size_t first, size_t end, size_t shown, FILE *out)
{
	shown = least(least(shown, table->top), end - first);
	for (size_t i = first; i < first + shown; i++)
		write_row(table, &table->growth->rows[i], out);
	if (table->height || shown == end - first)
		return shown;
	fprintf(out, "  … %zu more (--top)\n", end - first - shown);
	return shown + 1;
}

/* How many rows of regions there is room for beside the blocks: a quarter of the lines, more where
 * blocks need fewer. */
static size_t region_room(const struct top_table *table, size_t lines)
{
	size_t heap = least(table->growth->heap_rows, table->top);
	size_t regions = least(table->growth->row_count - table->growth->heap_rows, table->top);
	size_t spare = lines > heap ? lines - heap : 0;
	size_t room = lines / 4 > spare ? lines / 4 : spare;

	/* One line is for their titles, one stands before it. */
	return regions && room > 2 ? least(regions, room - 2) : 0;
}

/* Returns the number of lines, without that of the titles. */
static size_t write_table(const struct top_table *table, size_t lines, FILE *out)
{
	const struct growth *growth = table->growth;
	size_t regions = region_room(table, lines);
	size_t heap = lines - (regions ? regions + 2 : 0);

	write_titles(table, false, out);
	size_t written = write_rows(table, 0, growth->heap_rows, heap, out);
	if (growth->heap_rows == 0) {
		fputs(growth->left_out ? "  no block matches the filter\n" : "  no block is live\n",
			out);
		written++;
	}
	if (regions == 0)
		return written;
	putc('\n', out);
	write_titles(table, true, out);
	return written + 2 + write_rows(table, growth->heap_rows, growth->row_count, regions, out);
}

static size_t write_help(const struct top_table *table, size_t lines, FILE *out)
{
	static const char *const help[] = {
		"LIVE      bytes that were allocated here and not freed yet",
		"BLOCKS    in how many blocks",
		"GROWTH    how much LIVE has grown since leak top began",
		"LAST      how much since the refresh before",
		"RATE      growth per second, a mean over about the last 10 s",
		"ALLOCS/s  allocations per second here, whether freed or not; such a mean",
		"CALL SITE the place in your own code, its callers behind <",
		"",
		"q  quit",
		"s  sort by growth, rate, live, allocs, in turn",
		"p  pause: the table stands still, the process does not",
		"h  back to the table",
	};

	size_t written = least(lines, sizeof(help) / sizeof(help[0]));

	for (size_t i = 0; i < written; i++) {
		struct line line = begin(table, out);
		put(&line, "", help[i]);
		end(&line);
	}
	return written;
}

static void write_keys(const struct top_table *table, FILE *out)
{
	struct line line = begin(table, out);

	if (table->paused)
		put(&line, line.colors->warn, "paused  ");
	part(&line, "q quit");
	part(&line, "  s sort: %s", growth_sort_names[table->sort]);
	part(&line, "  p %s", table->paused ? "go on" : "pause");
	part(&line, "  h help");
	end(&line);
}

/* Lines for rows when the head has `head` lines: without the blank after it, the titles, and the
 * keys. */
static size_t table_lines(const struct top_table *table, size_t head)
{
	size_t taken = head + 2 + (table->keys ? 2 : 0);

	if (table->height == 0)
		return UNLIMITED;
	return (size_t)table->height > taken + 1 ? (size_t)table->height - taken : 1;
}

size_t top_table_rows(const struct top_table *table)
{
	return least(table_lines(table, 2), table->top);
}

void top_table_write(const struct top_table *table, FILE *out)
{
	size_t lines = table_lines(table, write_head(table, out)), written;

	putc('\n', out);
	if (table->help)
		written = write_help(table, ++lines, out);
	else
		written = write_table(table, lines, out);
	if (!table->keys)
		return;
	for (; written <= lines; written++)
		putc('\n', out);
	write_keys(table, out);
}
