/*
 * Finds what was executed and not recorded, see unmeasured.h. Called by cmd_ci.c. A process that
 * executes several programs in turn keeps its pid, so times decide.
 */
#define _GNU_SOURCE
#include "unmeasured.h"

#include "memory.h"
#include "run_target.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define CLOCK_SLACK_NS 10000000u /* of CLOCK_REALTIME_COARSE */

struct executed {
	int pid;
	uint64_t at_ns;
	const char *directory, *file;
};

/* Is there an image of it, or of a process that went on because the attempt failed? */
static bool is_known(const struct model *model, int pid, uint64_t at_ns)
{
	for (size_t i = 0; i < model->process_count; i++) {
		const struct process *process = &model->processes[i];
		if (process->pid != pid)
			continue;
		if (process->start_realtime_ns + CLOCK_SLACK_NS >= at_ns)
			return true;
		if (process->state != STATE_EXEC &&
			process->start_realtime_ns + process->run_ns > at_ns)
			return true;
	}
	return false;
}

/* The file that was executed; NULL when there is none, and so the attempt failed. */
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

static void consider(
	struct unmeasured_list *list, const struct executed *executed, const struct model *model)
{
	if (is_known(model, executed->pid, executed->at_ns))
		return;
	char *file = find_file(executed);
	if (file == NULL)
		return;
	const char *obstacle = run_target_obstacle(file);
	list->items =
		memory_grow(list->items, &list->capacity, list->count + 1, sizeof(*list->items));
	list->items[list->count++] = (struct unmeasured){.pid = executed->pid,
		.program = file,
		.reason = obstacle ? obstacle
				   : "left no recording; were LD_PRELOAD or LEAK_OPTIONS taken "
				     "out of its environment, or was it killed at once?"};
}

void unmeasured_add(struct unmeasured_list *list, int pid, uint64_t since_ns, const char *command,
	const struct model *model)
{
	consider(list,
		&(struct executed){
			.pid = pid, .at_ns = since_ns, .directory = ".", .file = command},
		model);
}

/* The text after the one at `*at`, which ends before `end`. NULL: there is none. */
static const char *next_text(const char **at, const char *end)
{
	const char *text = *at,
		   *zero = text < end ? memchr(text, '\0', (size_t)(end - text)) : NULL;

	*at = zero ? zero + 1 : end;
	return zero ? text : NULL;
}

static void read_records(
	struct unmeasured_list *list, const char *at, const char *end, const struct model *model)
{
	const char *head;

	while ((head = next_text(&at, end)) != NULL) {
		struct executed executed = {.pid = atoi(head)};
		const char *space = strchr(head, ' ');
		executed.at_ns = space ? strtoull(space + 1, NULL, 10) : 0;
		executed.directory = next_text(&at, end);
		executed.file = next_text(&at, end);
		if (executed.file && executed.file[0])
			consider(list, &executed, model);
	}
}

bool unmeasured_read(struct unmeasured_list *list, const char *log, const struct model *model)
{
	int fd = open(log, O_RDONLY | O_CLOEXEC);
	struct stat status;
	bool read = false;

	if (fd < 0)
		return false;
	if (fstat(fd, &status) == 0 && status.st_size == 0) {
		read = true;
	} else if (status.st_size > 0) {
		size_t size = (size_t)status.st_size;
		char *bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
		if (bytes != MAP_FAILED) {
			read_records(list, bytes, bytes + size, model);
			munmap(bytes, size);
			read = true;
		}
	}
	close(fd);
	return read;
}

void unmeasured_free(struct unmeasured_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i].program);
	free(list->items);
	*list = (struct unmeasured_list){0};
}
