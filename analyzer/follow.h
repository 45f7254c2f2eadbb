/* One recorded process, looked at again and again while it runs. */
#ifndef LEAK_FOLLOW_H
#define LEAK_FOLLOW_H

#include "error.h"
#include "model.h"
#include "progress.h"

enum follow_state {
	FOLLOW_RUNNING,
	FOLLOW_ENDED, /* the model has how, and what was left; or it is a snapshot, or a core */
	FOLLOW_GONE,  /* ended, and its tables with it: they were in its memory only */
};

struct follow {
	const char *name; /* as given */
	int pid;          /* as seen from here, 0 when it does not run */
	int pid_fd;       /* readable when the process ends, -1 when it cannot be had */
	char *image;      /* path of its image, or of its memory */
	uint64_t load_ns; /* CLOCK_MONOTONIC when it was read last */

	int file_fd; /* the image's file, -1 when there is none */
	char file_path[32];
	bool by_pid;
	int own_pid; /* with the start, what tells it from another process of that pid */
	uint64_t start_realtime_ns;
};

/* What /proc says of the memory of a running process; 0 where it says nothing. */
struct follow_memory {
	uint64_t resident, anonymous, swapped; /* bytes */
};

/* Begins to follow the process or image `name`. Returns 0, or -1 with a sentence. Release with
 * follow_end in both cases. */
int follow_start(struct follow *follow, const char *name, struct error *error);

/* Loads the process as it stands into `model`, in place of what was there of it. With FOLLOW_GONE
 * the model has no process. */
enum follow_state follow_load(
	struct follow *follow, struct model *model, struct progress *progress);

void follow_memory(const struct follow *follow, struct follow_memory *ret);

void follow_end(struct follow *follow);

#endif
