/* Watches how near a process comes to a limit on its memory, from outside. */
#ifndef LEAK_RUN_WATCH_H
#define LEAK_RUN_WATCH_H

#include <stdbool.h>
#include <stdint.h>

struct run_watch {
	int pid;
	unsigned percent; /* of a limit that is near; 0: nothing is watched */
	char *usage_path, *stat_path;
	const char *cache_key; /* the line of stat_path that tells the cgroup's file cache */
	uint64_t cgroup_limit; /* bytes, UINT64_MAX: none */
	bool noted[3];         /* by limit: it was near when we last looked */
};

/* Finds out which limits the process has. */
void run_watch_start(struct run_watch *watch, int pid, unsigned percent);

/* Whether one has come near since the last look; then `words` (of `size` bytes) says which, as
 * "cgroup memory at 468.1 MiB of 512.0 MiB". */
bool run_watch_look(struct run_watch *watch, char *words, unsigned size);

void run_watch_end(struct run_watch *watch);

#endif
