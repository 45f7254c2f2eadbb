/*
 * Reads and writes baselines. Called by cmd_baseline.c for all commands. The file is kept with the
 * program's source and merged like it, so a line may be torn, a conflict mark, or there twice.
 */
#define _GNU_SOURCE
#include "baseline_file.h"

#include "memory.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define LINE_MAX_BYTES (1u << 20)

static void add_fault(struct baseline_faults *faults, size_t line, const char *reason)
{
	if (faults->count < BASELINE_FAULTS_MAX) {
		struct baseline_fault *fault = &faults->first[faults->count];
		fault->line = line;
		snprintf(fault->reason, sizeof(fault->reason), "%s", reason);
	}
	faults->count++;
}

static void read_line(struct baseline *baseline, const char *text, size_t length, size_t line,
	struct baseline_faults *faults)
{
	json_error_t wrong;
	char reason[sizeof(faults->first[0].reason)];
	const char *refused;

	while (length && memchr(" \t\r", text[length - 1], 3))
		length--;
	if (length == 0)
		return;
	json_t *json = json_loadb(text, length, JSON_REJECT_DUPLICATES, &wrong);
	if (json == NULL) {
		snprintf(reason, sizeof(reason), "not JSON: %s", wrong.text);
		refused = reason;
	} else {
		refused = baseline_add(baseline, json);
	}
	if (refused != NULL)
		add_fault(faults, line, refused);
}

/* The next line, without more of it in memory than it may have. Returns its length, which is more
 * than LINE_MAX_BYTES where it was too long; -1 at the end of the file. */
static ssize_t next_line(FILE *in, char **buffer, size_t *capacity)
{
	size_t length = 0;
	int byte;

	while ((byte = getc_unlocked(in)) != EOF && byte != '\n') {
		if (length <= LINE_MAX_BYTES) {
			*buffer = memory_grow(*buffer, capacity, length + 1, 1);
			(*buffer)[length++] = (char)byte;
		}
	}
	return byte == EOF && length == 0 ? -1 : (ssize_t)length;
}

int baseline_load(struct baseline *baseline, const char *path, struct baseline_faults *faults,
	struct error *error)
{
	FILE *in = fopen(path, "re");
	struct stat status;
	char *line = NULL;
	size_t capacity = 0;
	ssize_t length;

	faults->count = 0;
	if (in == NULL)
		return error_set(error, "%s", strerror(errno));
	if (fstat(fileno(in), &status) == 0 && S_ISDIR(status.st_mode)) {
		fclose(in);
		return error_set(error, "is a directory");
	}
	for (size_t number = 1; (length = next_line(in, &line, &capacity)) >= 0; number++) {
		if (length > LINE_MAX_BYTES)
			add_fault(faults, number, "the line is too long");
		else if (length)
			read_line(baseline, line, (size_t)length, number, faults);
	}
	free(line);
	int failed = ferror(in);
	fclose(in);
	if (failed)
		return error_set(error, "it could not be read to its end");
	baseline_settle(baseline);
	return 0;
}

void baseline_write(const struct baseline *baseline, FILE *out)
{
	for (size_t i = 0; i < baseline->count; i++) {
		json_dumpf(baseline->entries[i].json, out, JSON_COMPACT | JSON_REAL_PRECISION(15));
		putc('\n', out);
	}
}
