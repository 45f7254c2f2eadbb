/* Programs that were executed under the recorder and of which there is no recording. */
#ifndef LEAK_UNMEASURED_H
#define LEAK_UNMEASURED_H

#include "model.h"

struct unmeasured {
	int pid;
	uint64_t at_ns; /* CLOCK_REALTIME */
	char *program;  /* as it was called, where its file is not found any more */
	const char *reason;
};

struct unmeasured_list {
	struct unmeasured *items; /* in the order of time */
	size_t count, capacity;
};

/* The command that all others came from. */
struct unmeasured_command {
	int pid;
	uint64_t since_ns; /* CLOCK_REALTIME, before it was executed */
	const char *file;  /* as in execvp */
	bool no_room;      /* where images are made: that may be why one is not there */
};

/* Compares the command, and a log of preload/exec_log.h, with the processes of a model, and adds
 * what has no image. What a program that was not recorded executes is not in the log. Returns false
 * when the log cannot be read. */
bool unmeasured_find(struct unmeasured_list *list, const struct unmeasured_command *command,
	const char *log, const struct model *model);

void unmeasured_free(struct unmeasured_list *list);

#endif
