/* A line on stderr for work that takes longer than a second, on terminals only. */
#ifndef LEAK_PROGRESS_H
#define LEAK_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
	bool enabled;
	bool shown;
	uint64_t start_ns, last_ns;
};

/* Starts the clock. Nothing is ever shown when `quiet` or when stderr is no terminal. */
void progress_start(struct progress *progress, bool quiet);

/* Says that `done` of `total` of `what` is done. Cheap enough for every few thousand steps. NULL
 * is allowed and does nothing. */
void progress_step(struct progress *progress, const char *what, uint64_t done, uint64_t total);

/* Wipes the line. */
void progress_end(struct progress *progress);

#endif
