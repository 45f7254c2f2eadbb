/*
 * Reads suppression files line by line. Called by suppress.c and the parsers of both formats, which
 * agree on this: blanks around a line do not count, and # begins a comment only at its start. Of
 * comments, "# reason: TEXT" and "# until: YYYY-MM-DD" right above an entry belong to it.
 */
#define _GNU_SOURCE
#include "suppress_text.h"

#include "memory.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int suppress_wrong(const struct suppress_text *text, struct error *error, const char *format, ...)
{
	char message[600];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	return error_set(error, "%.300s:%u: %.600s", text->file, text->line, message);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

bool suppress_is_date(const char *text)
{
	static const char form[] = "dddd-dd-dd";

	for (size_t i = 0; i < sizeof(form); i++)
		if (form[i] == 'd' ? !isdigit((unsigned char)text[i]) : text[i] != form[i])
			return false;
	int month = atoi(text + 5), day = atoi(text + 8);
	return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

/* The value of "# key: value" in a comment, NULL when it is another. */
static const char *comment_value(const char *comment, const char *key)
{
	size_t length = strlen(key);

	comment += strspn(comment, "# \t");
	if (strncmp(comment, key, length) != 0 || comment[length] != ':')
		return NULL;
	return comment + length + 1 + strspn(comment + length + 1, " \t");
}

static void keep(char **place, const char *value)
{
	free(*place);
	*place = value && value[0] ? memory_copy(value) : NULL;
}

static void read_comment(struct suppress_text *text)
{
	const char *reason = comment_value(text->word, "reason");
	const char *until = comment_value(text->word, "until");

	if (reason)
		keep(&text->reason, reason);
	if (until && suppress_is_date(until))
		keep(&text->until, until);
	else if (until)
		suppress_warn(text->set, text->file, text->line,
			"until: is not followed by a date such as 2026-12-31: the entry does not "
			"expire");
}

/* Cuts the next line out, without the blanks around it. */
static int take_line(struct suppress_text *text, struct error *error)
{
	const char *end = memchr(text->at, '\n', (size_t)(text->end - text->at));
	const char *start = text->at, *stop = end ? end : text->end;

	text->line++;
	text->at = end ? end + 1 : text->end;
	while (start < stop && is_blank(*start))
		start++;
	while (start < stop && is_blank(stop[-1]))
		stop--;
	size_t length = (size_t)(stop - start);
	if (memchr(start, '\0', length))
		return suppress_wrong(text, error, "there is a NUL byte: this is no text");
	if (length > SUPPRESS_LINE_MAX)
		return suppress_wrong(
			text, error, "the line is longer than %d bytes", SUPPRESS_LINE_MAX);
	free(text->word);
	text->word = memory_zero(length + 1, 1);
	memcpy(text->word, start, length);
	return 0;
}

int suppress_next(struct suppress_text *text, struct error *error)
{
	while (text->at < text->end) {
		if (take_line(text, error) < 0)
			return -1;
		if (text->word[0] == '#') {
			read_comment(text);
		} else if (text->word[0] == '\0') { /* comments further up are of nothing */
			keep(&text->reason, NULL);
			keep(&text->until, NULL);
		} else {
			return 1;
		}
	}
	return 0;
}

struct suppression *suppress_new(struct suppress_text *text, enum suppression_format format)
{
	struct suppressions *set = text->set;

	set->items = memory_grow(set->items, &set->capacity, set->count + 1, sizeof(*set->items));
	struct suppression *entry = &set->items[set->count++];
	*entry = (struct suppression){.file = text->file,
		.line = text->line,
		.format = format,
		.reason = text->reason,
		.until = text->until};
	text->reason = text->until = NULL;
	return entry;
}
