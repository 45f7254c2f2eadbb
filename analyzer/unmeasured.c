/*
 * Finds what was executed and not recorded, see unmeasured.h. Called by cmd_ci.c. A process that
 * executes several programs in turn keeps its pid, and pids are used again, so times decide: an
 * image belongs to the last attempt of its pid before it began. A clock that is set back in the
 * midst of a run spoils that.
 */
#define _GNU_SOURCE
#include "unmeasured.h"

#include "memory.h"
#include "run_features.h"
#include "run_target.h"
#include "text.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct executed {
	int pid;
	uint64_t at_ns;
	const char *directory, *file;
	const struct process *process; /* the one that it became, NULL: there is no image */
};

struct log {
	char *bytes; /* mapped; the records' texts are in it */
	size_t size;
	struct executed *records;
	size_t count, capacity;
};

/* ---- reading ---- */

/* The text after the one at `*at`, which ends before `end`. NULL: there is none. */
static const char *next_text(const char **at, const char *end)
{
	const char *text = *at,
		   *zero = text < end ? memchr(text, '\0', (size_t)(end - text)) : NULL;

	*at = zero ? zero + 1 : end;
	return zero ? text : NULL;
}

static void add_record(struct log *log, const struct executed *record)
{
	log->records =
		memory_grow(log->records, &log->capacity, log->count + 1, sizeof(*log->records));
	log->records[log->count++] = *record;
}

static void read_records(struct log *log)
{
	const char *at = log->bytes, *end = log->bytes + log->size, *head;

	while ((head = next_text(&at, end)) != NULL) {
		struct executed record = {.pid = atoi(head)};
		const char *space = strchr(head, ' ');
		record.at_ns = space ? strtoull(space + 1, NULL, 10) : 0;
		record.directory = next_text(&at, end);
		record.file = next_text(&at, end);
		if (record.file)
			add_record(log, &record);
	}
}

static bool read_log(struct log *log, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat status;
	bool read = false;

	if (fd < 0)
		return false;
	if (fstat(fd, &status) == 0 && status.st_size > 0) {
		char *bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		if (bytes != MAP_FAILED) {
			log->bytes = bytes;
			log->size = (size_t)status.st_size;
			read_records(log);
			read = true;
		}
	} else {
		read = status.st_size == 0;
	}
	close(fd);
	return read;
}

/* ---- matching ---- */

static int compare_records(const void *a, const void *b)
{
	const struct executed *one = a, *other = b;

	if (one->pid != other->pid)
		return one->pid < other->pid ? -1 : 1;
	if (one->at_ns != other->at_ns)
		return one->at_ns < other->at_ns ? -1 : 1;
	return 0;
}

/* Records in order; those of failure take the one before them away. */
static void settle(struct log *log)
{
	size_t kept = 0;

	if (log->count)
		qsort(log->records, log->count, sizeof(*log->records), compare_records);
	for (size_t i = 0; i < log->count; i++) {
		if (log->records[i].file[0])
			log->records[kept++] = log->records[i];
		else if (kept && log->records[kept - 1].pid == log->records[i].pid)
			kept--;
	}
	log->count = kept;
}

/* The last record of its pid before a process began; NULL: nobody has executed it. */
static struct executed *find_record(const struct log *log, const struct process *process)
{
	size_t low = 0, high = log->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct executed *record = &log->records[middle];
		if (record->pid < process->pid ||
			(record->pid == process->pid &&
				record->at_ns <= process->start_realtime_ns))
			low = middle + 1;
		else
			high = middle;
	}
	return low && log->records[low - 1].pid == process->pid ? &log->records[low - 1] : NULL;
}

/* The recording of a forked child is of no program that was executed. */
static void match(struct log *log, const struct model *model)
{
	for (size_t i = 0; i < model->process_count; i++) {
		const struct process *process = &model->processes[i];
		struct executed *record = process->forked ? NULL : find_record(log, process);
		if (record &&
			(record->process == NULL ||
				process->start_realtime_ns < record->process->start_realtime_ns))
			record->process = process;
	}
}

/* ---- what is not there ---- */

/* NULL: there is no such file, or not any more. */
static char *find_file(const struct executed *executed)
{
	char *path, *found;
	struct stat status;

	if (executed->file[0] == '/' || strchr(executed->file, '/') == NULL)
		return run_target_find(executed->file);
	path = memory_join(executed->directory, "/", executed->file);
	found = stat(path, &status) == 0 && S_ISREG(status.st_mode) && access(path, X_OK) == 0
			? realpath(path, NULL)
			: NULL;
	free(path);
	return found;
}

/* Is the image that of a program which the executed one has become in its turn, unseen? */
static bool is_of_another(const struct executed *executed, const char *file, const char *obstacle)
{
	char *real = file && obstacle ? realpath(file, NULL) : NULL;
	bool other = real && strcmp(real, executed->process->exe) != 0;

	free(real);
	return other;
}

static void consider(struct unmeasured_list *list, const struct executed *executed, bool no_room)
{
	if (executed->process &&
		strcmp(text_basename(executed->file), text_basename(executed->process->exe)) == 0)
		return;
	char *file = find_file(executed);
	const char *obstacle = file ? run_features_obstacle(file) : NULL;
	if (executed->process && !is_of_another(executed, file, obstacle)) {
		free(file);
		return;
	}
	list->items =
		memory_grow(list->items, &list->capacity, list->count + 1, sizeof(*list->items));
	list->items[list->count++] = (struct unmeasured){.pid = executed->pid,
		.at_ns = executed->at_ns,
		.program = file ? file : memory_copy(executed->file),
		.reason = obstacle ? obstacle
			  : no_room
				  ? "left no recording: there is no room where the images are made"
				  : "left no recording; were LD_PRELOAD or LEAK_OPTIONS taken "
				    "out of its environment, or was it killed at once?"};
}

static int compare_times(const void *a, const void *b)
{
	const struct unmeasured *one = a, *other = b;

	if (one->at_ns != other->at_ns)
		return one->at_ns < other->at_ns ? -1 : 1;
	return one->pid < other->pid ? -1 : one->pid > other->pid;
}

bool unmeasured_find(struct unmeasured_list *list, const struct unmeasured_command *command,
	const char *path, const struct model *model)
{
	struct log log = {0};
	bool read = read_log(&log, path);

	add_record(&log, &(struct executed){.pid = command->pid,
				 .at_ns = command->since_ns,
				 .directory = ".",
				 .file = command->file});
	settle(&log);
	match(&log, model);
	for (size_t i = 0; i < log.count; i++)
		consider(list, &log.records[i], command->no_room);
	if (list->count)
		qsort(list->items, list->count, sizeof(*list->items), compare_times);
	if (log.bytes)
		munmap(log.bytes, log.size);
	free(log.records);
	return read;
}

void unmeasured_free(struct unmeasured_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i].program);
	free(list->items);
	*list = (struct unmeasured_list){0};
}
