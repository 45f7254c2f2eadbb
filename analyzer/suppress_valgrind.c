/*
 * Parses and matches suppressions in valgrind's format, as its m_errormgr.c and memcheck's
 * mc_errors.c do. Called by suppress.c. A stack matches that begins, at the allocator, as the entry
 * says. It is tried with calls that were inlined, which valgrind sees by default, without, and with
 * those of libraries alone, as where it does not understand the program's debug information; and
 * with every frame that it may have of the allocator.
 */
#include "suppress_valgrind.h"

#include "memory.h"
#include "suppress_stack.h"
#include "text.h"
#include "valgrind_names.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define LINES_MAX 1000 /* valgrind itself takes 24 */

/* ---- the text ---- */

/* What else memcheck's suppressions can be about; a number or nothing may follow. */
static bool is_other_kind(const char *kind)
{
	static const char *const kinds[] = {"Param", "User", "CoreMem", "Addr", "Jump", "Free",
		"Overlap", "Mempool", "Cond", "Value", "FishyValue", "ReallocZero", "BadAlign",
		"BadSize", "Mismatch", "SizeMismatch", "AlignMismatch"};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		size_t length = strlen(kinds[i]);
		if (strncmp(kind, kinds[i], length) == 0 &&
			kind[length + strspn(kind + length, "0123456789")] == '\0')
			return true;
	}
	return false;
}

static bool names_tool(const char *tools, const char *tool)
{
	size_t length = strlen(tool);

	for (const char *at = tools; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL)
		if (strcspn(at, ",") == length && strncmp(at, tool, length) == 0)
			return true;
	return false;
}

/* The next line of an entry: there has to be one. */
static int next_of_entry(struct suppress_text *text, unsigned begin, struct error *error)
{
	int more = suppress_next(text, error);

	if (more == 0)
		return suppress_wrong(text, error,
			"the file ends within the entry that begins in line %u", begin);
	return more < 0 ? -1 : 0;
}

static int skip_entry(struct suppress_text *text, unsigned begin, struct error *error)
{
	while (strcmp(text->word, "}") != 0)
		if (next_of_entry(text, begin, error) < 0)
			return -1;
	return 0;
}

static int refuse_kinds(const struct suppress_text *text, const char *words, struct error *error)
{
	return suppress_wrong(text, error,
		"match-leak-kinds: takes some of definite, indirect, possible and reachable, with "
		"commas, or all, or none; not '%.100s'",
		words);
}

static int parse_kinds(struct suppress_text *text, struct suppression *entry, struct error *error)
{
	static const struct {
		const char *name;
		unsigned bit;
	} kinds[] = {{"definite", CLASS_BIT(CLASS_DEFINITE)},
		{"indirect", CLASS_BIT(CLASS_INDIRECT)}, {"possible", CLASS_BIT(CLASS_POSSIBLE)},
		{"reachable", CLASS_BIT(CLASS_REACHABLE)}};
	const char *words = text->word + strlen("match-leak-kinds:");

	words += strspn(words, " \t");
	entry->kinds = 0;
	if (strcmp(words, "none") == 0)
		return 0;
	/* What has no class may be of any. */
	entry->kinds = CLASS_BIT(CLASS_UNKNOWN);
	if (strcmp(words, "all") == 0) {
		entry->kinds = CLASSES_ALL;
		return 0;
	}
	/* As with strtok: commas too many are no matter. */
	unsigned named = 0;
	for (const char *at = words + strspn(words, ","); *at; at += strspn(at, ",")) {
		size_t length = strcspn(at, ","), kind = 0;
		while (kind < 4 && (strlen(kinds[kind].name) != length ||
					   strncmp(at, kinds[kind].name, length) != 0))
			kind++;
		if (kind == 4)
			return refuse_kinds(text, words, error);
		named |= kinds[kind].bit;
		at += length;
	}
	entry->kinds |= named;
	return named ? 0 : refuse_kinds(text, words, error);
}

/* Cuts ":LINE" off a source's pattern. */
static unsigned cut_line(char *pattern)
{
	char *colon = strrchr(pattern, ':');

	if (colon == NULL || colon[1] == '\0' || colon[1 + strspn(colon + 1, "0123456789")] != '\0')
		return 0;
	*colon = '\0';
	return (unsigned)strtoul(colon + 1, NULL, 10);
}

static int parse_place(struct suppress_text *text, struct suppression *entry, struct error *error)
{
	static const struct {
		const char *prefix;
		enum suppression_place place;
	} places[] = {{"fun:", PLACE_FUNCTION}, {"obj:", PLACE_OBJECT}, {"src:", PLACE_SOURCE}};
	struct suppression_line line = {.place = PLACE_ANY};

	if (entry->line_count == LINES_MAX)
		return suppress_wrong(text, error, "the entry has more than %d lines", LINES_MAX);
	for (size_t i = 0; i < 3 && line.pattern == NULL; i++) {
		if (strncmp(text->word, places[i].prefix, 4) != 0)
			continue;
		line.place = places[i].place;
		line.pattern = memory_copy(text->word + 4);
		if (line.place == PLACE_SOURCE)
			line.line = cut_line(line.pattern);
	}
	if (line.pattern == NULL && strcmp(text->word, "...") != 0)
		return suppress_wrong(text, error,
			"a place is fun:NAME, obj:FILE, src:FILE or ..., not '%.100s'", text->word);
	entry->lines = memory_grow(
		entry->lines, &entry->line_capacity, entry->line_count + 1, sizeof(*entry->lines));
	entry->lines[entry->line_count++] = line;
	return 0;
}

static bool says_something(const struct suppression *entry)
{
	for (size_t i = 0; i < entry->line_count; i++)
		if (entry->lines[i].place != PLACE_ANY)
			return true;
	return false;
}

/* The lines after "Memcheck:Leak". */
static int parse_leak(struct suppress_text *text, struct suppression *entry, struct error *error)
{
	static const char kinds[] = "match-leak-kinds:";
	unsigned begin = entry->line;

	entry->kinds = CLASSES_ALL;
	if (next_of_entry(text, begin, error) < 0)
		return -1;
	if (strncmp(text->word, kinds, strlen(kinds)) == 0 &&
		(parse_kinds(text, entry, error) < 0 || next_of_entry(text, begin, error) < 0))
		return -1;
	while (strcmp(text->word, "}") != 0)
		if (parse_place(text, entry, error) < 0 || next_of_entry(text, begin, error) < 0)
			return -1;
	if (!says_something(entry))
		return suppress_wrong(
			text, error, "the entry '%.100s' has no place but '...'", entry->name);
	return 0;
}

/* A refused entry leaves no half of it. */
static int parse_kept(struct suppress_text *text, char *name, unsigned begin, struct error *error)
{
	struct suppression *entry = suppress_new(text, SUPPRESSION_VALGRIND);

	entry->name = name;
	entry->line = begin;
	return parse_leak(text, entry, error);
}

/* An entry after its "{". */
static int parse_entry(struct suppress_text *text, struct error *error)
{
	unsigned begin = text->line;

	if (next_of_entry(text, begin, error) < 0)
		return -1;
	if (strcmp(text->word, "}") == 0)
		return suppress_wrong(text, error, "the entry has no name");
	char *name = memory_copy(text->word);
	int result = next_of_entry(text, begin, error);
	char *colon = strchr(text->word, ':');
	if (result == 0 && colon == NULL)
		result = suppress_wrong(text, error,
			"after an entry's name comes TOOL:KIND, such as Memcheck:Leak, not "
			"'%.100s'",
			text->word);
	if (result < 0) {
		free(name);
		return -1;
	}
	*colon = '\0';
	bool ours = names_tool(text->word, "Memcheck"), leak = strcmp(colon + 1, "Leak") == 0;
	if (ours && leak)
		return parse_kept(text, name, begin, error);
	free(name);
	if (ours && !is_other_kind(colon + 1))
		return suppress_wrong(
			text, error, "memcheck has no errors of kind '%.100s'", colon + 1);
	return skip_entry(text, begin, error);
}

int suppress_valgrind_parse(struct suppress_text *text, struct error *error)
{
	int more = 1;

	for (; more > 0; more = suppress_next(text, error)) {
		if (strcmp(text->word, "{") != 0)
			return suppress_wrong(text, error,
				"an entry of valgrind's suppressions begins with a line '{', not "
				"'%.100s'",
				text->word);
		if (parse_entry(text, error) < 0)
			return -1;
		free(text->reason); /* of an entry that was passed over */
		free(text->until);
		text->reason = text->until = NULL;
	}
	return more;
}

/* ---- the match ---- */

bool suppress_valgrind_match(const char *pattern, const char *text)
{
	const char *star = NULL, *star_text = NULL;

	while (*text) {
		if (*pattern == '*') {
			star = pattern++;
			star_text = text;
		} else if (*pattern == '?' || *pattern == *text) {
			pattern++;
			text++;
		} else if (star) {
			pattern = star + 1;
			text = ++star_text;
		} else {
			return false;
		}
	}
	return pattern[strspn(pattern, "*")] == '\0';
}

/* Libc's names differ by whether its debug file is there, and by their versions. */
static bool matches_plainly(const char *pattern, const char *symbol)
{
	const char *patterns = suppress_plain_name(pattern), *symbols = suppress_plain_name(symbol);

	if (strchr(patterns, '@') == NULL && strchr(symbols, '@') == NULL)
		return suppress_valgrind_match(patterns, symbols);
	char *one = memory_copy(patterns), *other = memory_copy(symbols);
	one[strcspn(one, "@")] = other[strcspn(other, "@")] = '\0';
	bool matches = suppress_valgrind_match(one, other);
	free(one);
	free(other);
	return matches;
}

/* By the linker's name also what was inlined: earlier versions have written that. */
static bool matches_function(const char *pattern, const struct suppress_frame *frame)
{
	if (frame->valgrind && suppress_valgrind_match(pattern, frame->valgrind))
		return true;
	if (frame->symbol == NULL)
		return suppress_valgrind_match(pattern, "???");
	return suppress_valgrind_match(pattern, frame->symbol) ||
	       (frame->system && matches_plainly(pattern, frame->symbol));
}

/* In the allocator's frame people's files have what valgrind puts in its place. */
static bool matches_object(const char *pattern, const struct suppress_frame *frame)
{
	static const char *const allocators[] = {
		"/usr/libexec/valgrind/vgpreload_memcheck-amd64-linux.so",
		"/usr/lib/valgrind/vgpreload_memcheck-amd64-linux.so",
		"/usr/lib/x86_64-linux-gnu/valgrind/vgpreload_memcheck-amd64-linux.so",
		"libleak.so"};

	for (size_t i = 0; frame->allocator && i < sizeof(allocators) / sizeof(*allocators); i++)
		if (suppress_valgrind_match(pattern, allocators[i]))
			return true;
	return suppress_valgrind_match(pattern, frame->module ? frame->module : "???") ||
	       (frame->real_module && suppress_valgrind_match(pattern, frame->real_module));
}

static bool matches_source(const struct suppression_line *line, const struct suppress_frame *frame)
{
	if (frame->allocator)
		return suppress_valgrind_match(line->pattern, "vg_replace_malloc.c");
	return frame->path && (line->line == 0 || line->line == frame->line) &&
	       suppress_valgrind_match(line->pattern, text_basename(frame->path));
}

static bool matches_frame(const struct suppression_line *line, const struct suppress_frame *frame)
{
	return line->place == PLACE_FUNCTION ? matches_function(line->pattern, frame)
	       : line->place == PLACE_OBJECT ? matches_object(line->pattern, frame)
					     : matches_source(line, frame);
}

/* Frames in the order that a match is tried in. */
struct view {
	const struct suppress_frame **frames;
	size_t count;
};

/* Each "..." takes as little as possible; where that fails, the last one takes more. */
static bool matches_view(const struct suppression *entry, const struct view *view)
{
	size_t line = 0, frame = 0, any_line = SIZE_MAX, any_frame = 0;

	while (line < entry->line_count) {
		if (entry->lines[line].place == PLACE_ANY) {
			any_line = line++;
			any_frame = frame;
		} else if (frame < view->count &&
			   matches_frame(&entry->lines[line], view->frames[frame])) {
			line++;
			frame++;
		} else if (any_line != SIZE_MAX && any_frame < view->count) {
			line = any_line + 1;
			frame = ++any_frame;
		} else {
			return false;
		}
	}
	return true;
}

/* With the frames of a view that begins with room for another one; `inner` NULL: none is there. */
static bool matches_behind(
	const struct suppression *entry, const struct view *view, const char *inner)
{
	const struct suppress_frame extra = {.symbol = inner, .function = inner, .allocator = true};
	const struct view without = {.frames = view->frames + 1, .count = view->count - 1};

	view->frames[0] = &extra;
	return matches_view(entry, inner ? view : &without);
}

/* With each of the frames that an allocator may have. */
static bool matches_allocators(const struct suppression *entry, const struct view *view)
{
	const struct valgrind_allocator *allocator = valgrind_allocator(view->frames[1]->symbol);
	const struct view behind = {.frames = view->frames + 1, .count = view->count - 1};

	if (matches_behind(entry, view, NULL))
		return true;
	if (allocator == NULL)
		return false;
	if (matches_behind(entry, view, allocator->inner))
		return true;
	for (size_t i = 0; i < 2 && allocator->instead[i]; i++)
		if (matches_behind(entry, &behind, allocator->instead[i]))
			return true;
	return false;
}

enum inlined_calls { INLINED_ALL, INLINED_OF_SYSTEM, INLINED_NONE, INLINED_WAYS };

static bool is_in_view(const struct suppress_frame *frame, enum inlined_calls calls)
{
	return !frame->inlined || calls == INLINED_ALL ||
	       (calls == INLINED_OF_SYSTEM && frame->system);
}

/* Returns whether the view is another one than before. */
static bool fill_view(
	struct view *view, const struct suppress_stack *stack, enum inlined_calls calls)
{
	size_t before = view->count;

	view->count = 1;
	for (size_t i = 0; i < stack->count; i++)
		if (is_in_view(&stack->frames[i], calls))
			view->frames[view->count++] = &stack->frames[i];
	return view->count != before;
}

bool suppress_valgrind_matches(const struct suppression *entry, const struct suppress_stack *stack)
{
	struct view view = {.frames = memory_zero(stack->count + 1, sizeof(*view.frames))};
	bool found = false;

	for (enum inlined_calls calls = 0; calls < INLINED_WAYS && !found; calls++)
		if (fill_view(&view, stack, calls))
			found = matches_allocators(entry, &view);
	free(view.frames);
	return found;
}
