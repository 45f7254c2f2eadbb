/*
 * Lays out one stack for a terminal. Called by render_text.c. Recursion through up to
 * PERIOD_MAX functions is folded; longer cycles are shown as they are.
 */
#include "text_stack.h"

#include "memory.h"
#include "text.h"
#include "text_function.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define PERIOD_MAX 4
#define LINES_MAX 200000 /* locations of one stack that are looked at */
#define SHOWN_MAX 16     /* lines of one stack without -v */
#define INNER_SHOWN 2    /* library frames shown inside of the focus without -v */
#define INNER_KEPT 8     /* lines of a stack of libraries only, at its innermost end */
#define OUTER_KEPT 5     /* the same at its outermost end */
#define FUNCTION_MAX 48  /* columns of the function where there is no width */
#define FOLD_NAMES 3     /* modules named where their frames are folded to a count */

struct line {
	uint32_t frame;
	const struct location *location;
	bool own;
	bool focus;     /* the frame to look at, always shown */
	bool marked;    /* the focus, and it is the program's own */
	size_t repeats; /* times in a row, this line and the period - 1 after it */
	size_t period;
	size_t folded;  /* > 0: stands for so many library frames */
	size_t modules; /* of the folded frames, in a row */
	uint32_t module[FOLD_NAMES];
};

struct lines {
	struct line *all;
	size_t count, capacity;
	size_t left_out; /* beyond LINES_MAX */
};

static const struct location unknown_location;

const struct text_colors *text_colors_for(bool color)
{
	static const struct text_colors colors = {.bold = "\033[1m",
		.dim = "\033[2m",
		.place = "\033[36m",
		.warn = "\033[33m",
		.off = "\033[0m"};
	static const struct text_colors none = {"", "", "", "", ""};

	return color ? &colors : &none;
}

static void collect(const struct model *model, const struct site *site, struct lines *lines)
{
	size_t focus_index = 0;
	uint32_t focus = model_site_focus(model, site, &focus_index);
	bool focused = false; /* recursion: the innermost call is the one */

	for (uint32_t number = site->frame; number; number = model->frames[number].parent) {
		const struct frame *frame = &model->frames[number];
		size_t count = frame->symbol ? frame->symbol->count : 1;
		for (size_t i = 0; i < count; i++) {
			if (lines->count >= LINES_MAX) {
				lines->left_out++;
				continue;
			}
			const struct location *location =
				frame->symbol ? &frame->symbol->locations[i] : &unknown_location;
			lines->all = memory_grow(lines->all, &lines->capacity, lines->count + 1,
				sizeof(*lines->all));
			struct line *line = &lines->all[lines->count++];
			*line = (struct line){.frame = number,
				.location = location,
				.repeats = 1,
				.period = 1,
				.own = model_is_own(&model->modules[frame->module], location)};
			line->focus = !focused && number == focus && i == focus_index;
			line->marked = line->focus && line->own;
			focused = focused || line->focus;
		}
	}
}

static bool same_place(const struct model *model, const struct line *a, const struct line *b)
{
	const struct frame *one = &model->frames[a->frame], *other = &model->frames[b->frame];

	if (a->location->function == NULL || a->location->file == NULL)
		return one->module == other->module && one->offset == other->offset;
	return one->module == other->module && a->location->function == b->location->function &&
	       a->location->file == b->location->file && a->location->line == b->location->line &&
	       a->location->inlined == b->location->inlined;
}

static size_t count_repeats(
	const struct model *model, const struct lines *lines, size_t at, size_t period)
{
	size_t repeats = 1;

	for (size_t next = at + period; next + period <= lines->count; next += period) {
		for (size_t i = 0; i < period; i++)
			if (!same_place(model, &lines->all[at + i], &lines->all[next + i]))
				return repeats;
		repeats++;
	}
	return repeats;
}

/* Replaces runs of equal lines, or of equal groups of lines, by the first with a count. */
static void fold_recursion(const struct model *model, struct lines *lines)
{
	size_t kept = 0;

	for (size_t at = 0; at < lines->count;) {
		size_t period = 1, repeats = 1;
		for (size_t p = 1; p <= PERIOD_MAX && repeats == 1; p++) {
			size_t r = count_repeats(model, lines, at, p);
			if (r >= (p == 1 ? 2 : 3)) {
				period = p;
				repeats = r;
			}
		}
		for (size_t i = 0; i < period; i++)
			lines->all[kept + i] = lines->all[at + i];
		lines->all[kept].repeats = repeats;
		lines->all[kept].period = period;
		kept += period;
		at += period * repeats;
	}
	lines->count = kept;
}

static bool focus_follows(const struct lines *lines, size_t at)
{
	for (; at < lines->count; at++)
		if (lines->all[at].focus)
			return true;
	return false;
}

/* Begins to count the frames that `line` stands for. */
static void fold_start(const struct model *model, struct line *line)
{
	line->folded = line->repeats;
	line->modules = 1;
	line->module[0] = model->frames[line->frame].module;
}

static void fold_add(const struct model *model, struct line *into, const struct line *line)
{
	uint32_t module = model->frames[line->frame].module;

	into->folded += line->repeats;
	for (size_t i = 0; i < into->modules && i < FOLD_NAMES; i++)
		if (into->module[i] == module)
			return;
	if (into->modules < FOLD_NAMES)
		into->module[into->modules] = module;
	into->modules++;
}

/* What a library did to get at the memory is worth its outermost frame (push_back, getline). The
 * others are counted. Returns where the focus is now. */
static size_t fold_before_focus(const struct model *model, struct lines *lines)
{
	size_t focus = 0, inner;

	while (focus < lines->count && !lines->all[focus].focus)
		focus++;
	if (focus == lines->count || focus < INNER_SHOWN + 1)
		return focus;
	inner = focus - 1;
	for (size_t i = 0; i < inner; i++)
		if (lines->all[i].period > 1)
			return focus;
	fold_start(model, &lines->all[0]);
	for (size_t i = 1; i < inner; i++)
		fold_add(model, &lines->all[0], &lines->all[i]);
	memmove(&lines->all[1], &lines->all[inner], (lines->count - inner) * sizeof(*lines->all));
	lines->count -= inner - 1;
	return 2;
}

/* What started the program, or the thread. */
static void drop_start_code(struct lines *lines)
{
	for (size_t i = lines->count > 5 ? lines->count - 5 : 0; i < lines->count; i++)
		if (model_is_start_code(lines->all[i].location) && i > 0 &&
			!focus_follows(lines, i))
			lines->count = i;
}

static bool has_own(const struct lines *lines)
{
	for (size_t i = 0; i < lines->count; i++)
		if (lines->all[i].own)
			return true;
	return false;
}

/* Without a frame of the program's own, both ends of the stack tell what it is about: the middle is
 * counted, but for the focus. Recursion through several functions stays where it is, with all else.
 */
static void fold_middle(const struct model *model, struct lines *lines)
{
	size_t end = lines->count > OUTER_KEPT ? lines->count - OUTER_KEPT : 0;
	size_t kept = INNER_KEPT;
	struct line *fold = NULL;

	if (end < INNER_KEPT + 2)
		return;
	for (size_t i = 0; i < lines->count; i++)
		if (lines->all[i].period > 1)
			return;
	for (size_t i = INNER_KEPT; i < lines->count; i++) {
		struct line *line = &lines->all[i];
		bool foldable = i < end && !line->focus;
		if (foldable && fold) {
			fold_add(model, fold, line);
			continue;
		}
		lines->all[kept] = *line;
		fold = foldable ? &lines->all[kept] : NULL;
		if (fold)
			fold_start(model, fold);
		kept++;
	}
	lines->count = kept;
}

/* Beyond the focus only the program's own frames matter; what libraries did in between is counted.
 */
static void fold_libraries(const struct model *model, struct lines *lines)
{
	size_t kept, at;

	at = kept = fold_before_focus(model, lines);
	for (; at < lines->count; at++) {
		struct line *line = &lines->all[at], *last = kept ? &lines->all[kept - 1] : NULL;
		bool foldable = !line->own && !line->focus;
		if (foldable && last && last->folded &&
			model->frames[last->frame].module == model->frames[line->frame].module) {
			last->folded += line->repeats;
			continue;
		}
		lines->all[kept] = *line;
		if (foldable)
			fold_start(model, &lines->all[kept]);
		kept++;
	}
	lines->count = kept;
}

/* What stands in the first column, for the caller to free. */
static char *function_text(const struct model *model, const struct line *line, bool full)
{
	char *raw = text_function(model, &model->frames[line->frame], line->location, full);
	char *escaped = text_escape(raw);

	free(raw);
	return escaped;
}

/* The source position, or why there is none; for the caller to free. */
static char *place_text(const struct model *model, const struct line *line, bool full)
{
	const struct frame *frame = &model->frames[line->frame];
	const struct location *location = line->location;
	const char *file = location->file;
	char *raw, *escaped;

	if (file == NULL) {
		if (frame->module == 0 || location->function)
			return memory_copy("");
		switch (model->modules[frame->module].symbols) {
		case SYMBOLS_CHANGED:
			return memory_copy("(file changed since the run)");
		case SYMBOLS_MISSING:
			return memory_copy("(file not found here)");
		case SYMBOLS_BROKEN:
			return memory_copy("(file cannot be read)");
		case SYMBOLS_UNTRIED:
			return memory_copy("");
		default:
			return memory_copy("(no symbol)");
		}
	}
	if (!full && file[0] == '/' && strlen(file) > 40) { /* the last three parts will do */
		const char *from = file + strlen(file);
		for (int parts = 0; from > file && parts < 3;)
			if (*--from == '/')
				parts++;
		raw = memory_zero(strlen(from) + 32, 1);
		sprintf(raw, from > file ? "…%s:%" PRIu32 : "%s:%" PRIu32, from, location->line);
	} else {
		raw = memory_zero(strlen(file) + 32, 1);
		sprintf(raw, "%s:%" PRIu32, file, location->line);
	}
	escaped = text_escape(raw);
	free(raw);
	return escaped;
}

static void write_fold(const struct model *model, const struct line *line,
	const struct text_colors *colors, FILE *out)
{
	char small[TEXT_SMALL];

	fprintf(out, "    %s… %s frames in ", colors->dim, text_count(small, line->folded));
	for (size_t i = 0; i < line->modules && i < FOLD_NAMES; i++) {
		char *name = text_escape(model->modules[line->module[i]].name);
		fprintf(out, "%s%s", i ? ", " : "", name[0] ? name : "code without a module");
		free(name);
	}
	fprintf(out, "%s%s\n", line->modules > FOLD_NAMES ? ", …" : "", colors->off);
}

static void write_line(const struct model *model, const struct line *line, size_t function_width,
	const struct render_options *options, FILE *out)
{
	const struct text_colors *colors = text_colors_for(options->color);
	const struct frame *frame = &model->frames[line->frame];
	const struct module *module = &model->modules[frame->module];
	char *name = text_escape(module->name), *function, *place;
	char small[TEXT_SMALL];

	if (line->folded > 1) {
		write_fold(model, line, colors, out);
		free(name);
		return;
	}
	function = function_text(model, line, options->verbose);
	if (options->width)
		text_shorten_function(function, function_width);
	place = place_text(model, line, options->verbose);
	size_t columns = text_columns(function);
	fprintf(out, "  %s%s %s%s%*s",
		line->marked ? colors->bold
		: line->own  ? ""
			     : colors->dim,
		line->marked ? ">" : " ", function, colors->off,
		columns < function_width ? (int)(function_width - columns) : 0, "");
	if (place[0])
		fprintf(out, "  %s%s%s", colors->place, place, colors->off);
	if (frame->module && line->location->function)
		fprintf(out, "  %s%s%s", colors->dim, name, colors->off);
	if (line->location->inlined)
		fputs("  (inlined)", out);
	if (line->repeats > 1 && line->period == 1)
		fprintf(out, "  (x %s)", text_count(small, line->repeats));
	else if (line->repeats > 1)
		fprintf(out, "  (%s, x %s)",
			line->period == 2   ? "these 2 lines"
			: line->period == 3 ? "these 3 lines"
					    : "these 4 lines",
			text_count(small, line->repeats));
	putc('\n', out);
	free(function);
	free(place);
	free(name);
}

static size_t measure_functions(const struct model *model, const struct lines *lines, size_t shown,
	const struct render_options *options)
{
	size_t widest = 0, limit = FUNCTION_MAX;

	if (options->width)
		limit = options->width > 60 ? (size_t)options->width * 9 / 20 : 24;
	for (size_t i = 0; i < shown; i++) {
		if (lines->all[i].folded > 1)
			continue;
		char *function = function_text(model, &lines->all[i], options->verbose);
		size_t columns = text_columns(function);
		if (columns > widest && (columns <= limit || options->width))
			widest = columns;
		free(function);
	}
	return widest > limit ? limit : widest;
}

static void write_end_note(const struct model *model, const struct site *site, FILE *out)
{
	for (uint32_t number = site->frame; number; number = model->frames[number].parent) {
		const struct frame *frame = &model->frames[number];
		if (frame->parent)
			continue;
		if (frame->flags & FRAME_TRUNCATED)
			fputs("    (the stack goes on: it was cut at the depth limit)\n", out);
		bool at_start =
			frame->symbol &&
			model_is_start_code(&frame->symbol->locations[frame->symbol->count - 1]);
		if (frame->flags & FRAME_PARTIAL && !at_start)
			fputs("    (the stack goes on: its next frame could not be unwound)\n",
				out);
	}
}

/* The frame that a developer looks at, in his own code, may have a name and no line. */
static void note_line(const struct model *model, const struct site *site, bool *ret_unnamed)
{
	size_t index;
	const struct frame *frame = &model->frames[model_site_focus(model, site, &index)];
	const struct location *location = frame->symbol ? &frame->symbol->locations[index] : NULL;

	if (location && location->function && location->line == 0 &&
		model->modules[frame->module].own)
		ret_unnamed[frame->module] = true;
}

void text_stack_write(const struct model *model, const struct site *site,
	const struct render_options *options, bool *ret_unnamed, FILE *out)
{
	const struct text_colors *colors = text_colors_for(options->color);
	struct lines lines = {0};
	char small[TEXT_SMALL];

	if (site->frame == 0) {
		fputs("    (no stack was recorded)\n", out);
		return;
	}
	collect(model, site, &lines);
	fold_recursion(model, &lines);
	if (!options->verbose) {
		drop_start_code(&lines);
		if (has_own(&lines))
			fold_libraries(model, &lines);
		else
			fold_middle(model, &lines);
	}
	size_t shown = lines.count;
	if (!options->verbose && shown > SHOWN_MAX + 1) {
		shown = SHOWN_MAX;
		for (size_t i = shown; i < lines.count; i++) /* the focus is always shown */
			if (lines.all[i].focus)
				shown = i + 1;
	}
	size_t width = measure_functions(model, &lines, shown, options);
	for (size_t i = 0; i < shown; i++) {
		const struct line *line = &lines.all[i];
		write_line(model, line, width, options, out);
		if (line->folded <= 1 && line->location->function == NULL)
			ret_unnamed[model->frames[line->frame].module] = true;
	}
	note_line(model, site, ret_unnamed);
	if (lines.count > shown || lines.left_out)
		fprintf(out, "    %s… %s more lines%s%s\n", colors->dim,
			text_count(small, lines.count - shown + lines.left_out),
			options->verbose ? "" : " (-v)", colors->off);
	write_end_note(model, site, out);
	free(lines.all);
}
