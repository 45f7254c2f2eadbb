/*
 * Parses and matches suppressions in LeakSanitizer's format, as its sanitizer_suppressions.cpp and
 * TemplateMatch do. Called by suppress.c. Unlike there, a type other than leak is no error: people
 * have one file for several sanitizers.
 */
#define _GNU_SOURCE
#include "suppress_lsan.h"

#include "memory.h"
#include "suppress_stack.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A type is a word: a line of something else with a colon in it is a mistake. */
static size_t type_length(const char *word)
{
	size_t length =
		strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");

	return word[length] == ':' ? length : 0;
}

/* A line of valgrind's entries that has lost its braces. */
static bool is_valgrinds(const char *word)
{
	static const char *const lines[] = {
		"fun:", "obj:", "src:", "match-leak-kinds:", "Memcheck:"};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (strncmp(word, lines[i], strlen(lines[i])) == 0)
			return true;
	return false;
}

int suppress_lsan_parse(struct suppress_text *text, struct error *error)
{
	bool told = false;
	int more = 1;

	for (; more > 0; more = suppress_next(text, error)) {
		size_t type = type_length(text->word);
		char warning[200];
		if (type == 0 || is_valgrinds(text->word))
			return suppress_wrong(text, error,
				"a line of LeakSanitizer's suppressions is leak:PATTERN, not "
				"'%.100s'",
				text->word);
		if (type == 4 && strncmp(text->word, "leak", 4) == 0) {
			struct suppression *entry = suppress_new(text, SUPPRESSION_LSAN);
			entry->name = memory_copy(text->word + 5);
			entry->kinds = CLASSES_ALL & ~CLASS_BIT(CLASS_REACHABLE);
		} else if (!told) {
			snprintf(warning, sizeof(warning),
				"'%.*s:' is not about leaks; such lines are ignored",
				type > 60 ? 60 : (int)type, text->word);
			suppress_warn(text->set, text->file, text->line, warning);
			told = true;
		}
	}
	return more;
}

/* The length of a pattern's next piece of plain text. */
static size_t piece_length(const char *pattern)
{
	return strcspn(pattern, "*$");
}

bool suppress_lsan_match(const char *pattern, const char *text)
{
	bool start = pattern[0] == '^', any = false;

	if (text == NULL || text[0] == '\0')
		return false;
	pattern += start;
	while (pattern[0]) {
		if (pattern[0] == '*') {
			pattern++;
			start = false;
			any = true;
			continue;
		}
		if (pattern[0] == '$')
			return text[0] == '\0' || any;
		if (text[0] == '\0')
			return false;
		size_t length = piece_length(pattern);
		const char *found = memmem(text, strlen(text), pattern, length);
		if (found == NULL || (start && found != text))
			return false;
		text = found + length;
		pattern += length;
		start = any = false;
	}
	return true;
}

/* What LeakSanitizer calls the allocator's frame depends on its version. */
static bool matches_allocator(const char *pattern, const struct suppress_frame *frame)
{
	char room[200];

	if (suppress_lsan_match(pattern, frame->function))
		return true;
	if (frame->symbol[0] == '_')
		return false;
	snprintf(room, sizeof(room), "___interceptor_%.100s", frame->symbol);
	return suppress_lsan_match(pattern, room) || suppress_lsan_match(pattern, room + 1);
}

static bool matches_function(const char *pattern, const struct suppress_frame *frame)
{
	if (frame->allocator)
		return matches_allocator(pattern, frame);
	return suppress_lsan_match(pattern, frame->function) ||
	       (frame->system && frame->function &&
		       suppress_lsan_match(pattern, suppress_plain_name(frame->function)));
}

static bool matches_place(const char *pattern, const struct suppress_frame *frame)
{
	return suppress_lsan_match(pattern, frame->module) ||
	       suppress_lsan_match(pattern, frame->real_module) ||
	       suppress_lsan_match(pattern, frame->path);
}

bool suppress_lsan_matches(
	const struct suppression *entry, const struct suppress_stack *stack, bool *ret_by_system)
{
	bool by_system = false;

	for (size_t i = 0; i < stack->count; i++) {
		const struct suppress_frame *frame = &stack->frames[i];
		if (matches_function(entry->name, frame) ||
			(matches_place(entry->name, frame) && !frame->system)) {
			*ret_by_system = false;
			return true;
		}
		by_system = by_system || (frame->system && matches_place(entry->name, frame));
	}
	*ret_by_system = by_system;
	return by_system;
}
