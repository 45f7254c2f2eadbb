/*
 * Keeps a set of suppressions. Called by the commands, which print what went wrong. The formats are
 * those of suppress_lsan.c and suppress_valgrind.c; what a set does is in suppress_apply.c.
 */
#define _GNU_SOURCE
#include "suppress.h"

#include "memory.h"
#include "suppress_lsan.h"
#include "suppress_text.h"
#include "suppress_valgrind.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BYTE_ORDER_MARK "\xef\xbb\xbf" /* some editors begin a file with it */
#define FILE_MAX ((size_t)64 << 20)    /* bytes: beyond this it is no such file */

void suppress_init(struct suppressions *set)
{
	*set = (struct suppressions){0};
}

static void free_entry(struct suppression *entry)
{
	for (size_t i = 0; i < entry->line_count; i++)
		free(entry->lines[i].pattern);
	free(entry->lines);
	free(entry->name);
	free(entry->reason);
	free(entry->until);
}

static void free_texts(char **texts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(texts[i]);
	free(texts);
}

void suppress_free(struct suppressions *set)
{
	for (size_t i = 0; i < set->count; i++)
		free_entry(&set->items[i]);
	free(set->items);
	free_texts(set->files, set->file_count);
	free_texts(set->warnings, set->warning_count);
	*set = (struct suppressions){0};
}

void suppress_warn(struct suppressions *set, const char *file, unsigned line, const char *text)
{
	char *warning;

	if (asprintf(&warning, "%s:%u: %s", file, line, text) < 0)
		return;
	set->warnings = memory_grow(set->warnings, &set->warning_capacity, set->warning_count + 1,
		sizeof(*set->warnings));
	set->warnings[set->warning_count++] = warning;
}

static const char *add_file(struct suppressions *set, const char *file)
{
	set->files = memory_grow(
		set->files, &set->file_capacity, set->file_count + 1, sizeof(*set->files));
	set->files[set->file_count] = memory_copy(file);
	return set->files[set->file_count++];
}

int suppress_parse(struct suppressions *set, const char *file, const char *text, size_t length,
	struct error *error)
{
	struct suppress_text reading = {
		.set = set, .file = add_file(set, file), .at = text, .end = text + length};
	int more;

	if (length >= strlen(BYTE_ORDER_MARK) &&
		memcmp(text, BYTE_ORDER_MARK, strlen(BYTE_ORDER_MARK)) == 0)
		reading.at += strlen(BYTE_ORDER_MARK);
	more = suppress_next(&reading, error);
	if (more > 0)
		more = reading.word[0] == '{' ? suppress_valgrind_parse(&reading, error)
					      : suppress_lsan_parse(&reading, error);
	free(reading.word);
	free(reading.reason);
	free(reading.until);
	return more;
}

/* All that is in a file, which may be a pipe. NULL: it cannot be read. */
static char *read_all(int fd, const char *path, size_t *ret_length, struct error *error)
{
	char *text = NULL;
	size_t used = 0, capacity = 0;

	for (;;) {
		text = memory_grow(text, &capacity, used + 4096, 1);
		ssize_t got = read(fd, text + used, capacity - used);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0 || used + (size_t)got > FILE_MAX) {
			*ret_length = used;
			if (got == 0)
				return text;
			error_set(error, "%.500s: %s", path,
				got < 0 ? strerror(errno) : "too large for suppressions");
			free(text);
			return NULL;
		}
		used += (size_t)got;
	}
}

int suppress_read(struct suppressions *set, const char *path, struct error *error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), result = -1;
	size_t length;

	if (fd < 0)
		return error_set(error, "%.500s: %s", path, strerror(errno));
	char *text = read_all(fd, path, &length, error);
	close(fd);
	if (text)
		result = suppress_parse(set, path, text, length, error);
	free(text);
	return result;
}

bool suppression_is_expired(const struct suppression *entry)
{
	time_t now = time(NULL);
	struct tm day;
	char today[40];

	if (entry->until == NULL || localtime_r(&now, &day) == NULL)
		return false;
	strftime(today, sizeof(today), "%Y-%m-%d", &day);
	return strncmp(entry->until, today, 10) < 0;
}
