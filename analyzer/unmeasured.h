/* Programs that were executed under the recorder and of which there is no recording. */
#ifndef LEAK_UNMEASURED_H
#define LEAK_UNMEASURED_H

#include "model.h"

struct unmeasured {
	int pid;
	char *program;
	const char *reason; /* as run_target_obstacle, or that nothing speaks against it */
};

struct unmeasured_list {
	struct unmeasured *items;
	size_t count, capacity;
};

/* Compares a log of preload/exec_log.h with the processes of a model, and adds what has no image.
 * Attempts that came to nothing are left out. Returns false when the log cannot be read. */
bool unmeasured_read(struct unmeasured_list *list, const char *log, const struct model *model);

/* The same of one command that was started at `since_ns` (CLOCK_REALTIME). */
void unmeasured_add(struct unmeasured_list *list, int pid, uint64_t since_ns, const char *command,
	const struct model *model);

void unmeasured_free(struct unmeasured_list *list);

#endif
