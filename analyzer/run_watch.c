/*
 * Looks at /proc and at the memory cgroup of a process that `leak run` started. Called by cmd_run.c
 * a few times a second. The recorder does the same from inside, at allocations only
 * (preload/limit.c): this one sees a process that maps files, or whose children use up the cgroup.
 */
#define _GNU_SOURCE
#include "run_watch.h"

#include "memory.h"
#include "text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum limit { LIMIT_CGROUP, LIMIT_SPACE, LIMIT_DATA };

static const char *const names[] = {"cgroup memory", "address space", "data"};

/* The number at the start of a file, UINT64_MAX when there is none ("max"). */
static uint64_t number_in(const char *path)
{
	FILE *file = path ? fopen(path, "re") : NULL;
	uint64_t value = UINT64_MAX;

	if (file == NULL)
		return UINT64_MAX;
	if (fscanf(file, "%" SCNu64, &value) != 1)
		value = UINT64_MAX;
	fclose(file);
	return value;
}

/* The number behind a key at the start of a line, 0 when there is none. */
static uint64_t number_of(const char *path, const char *key)
{
	FILE *file = path ? fopen(path, "re") : NULL;
	char line[256];
	uint64_t value = 0;

	while (file && fgets(line, sizeof(line), file))
		if (strncmp(line, key, strlen(key)) == 0)
			value = strtoull(line + strlen(key), NULL, 10);
	if (file)
		fclose(file);
	return value;
}

static bool take_cgroup(struct run_watch *watch, const char *mount, const char *group,
	const char *limit, const char *usage)
{
	char *directory = memory_join(mount, group, "/");
	char *limit_path = memory_join(directory, limit, "");
	uint64_t bytes = number_in(limit_path);
	/* Version 1 says "none" with the largest number of pages. */
	bool there = bytes < INT64_MAX / 2;

	if (there) {
		watch->cgroup_limit = bytes;
		watch->usage_path = memory_join(directory, usage, "");
		watch->stat_path = memory_join(directory, "memory.stat", "");
	}
	free(limit_path);
	free(directory);
	return there;
}

/* "0::PATH" for version 2, "N:…memory…:PATH" for version 1. A container sees its own group at the
 * mount point. */
static bool take_line(struct run_watch *watch, char *line)
{
	char *names_at = strchr(line, ':'), *path = names_at ? strchr(names_at + 1, ':') : NULL;

	if (path == NULL)
		return false;
	*path++ = '\0';
	path[strcspn(path, "\n")] = '\0';
	if (strcmp(path, "/") == 0)
		*path = '\0';
	if (names_at[1] == '\0') {
		watch->cache_key = "inactive_file ";
		return take_cgroup(watch, "/sys/fs/cgroup", path, "memory.max", "memory.current") ||
		       take_cgroup(watch, "/sys/fs/cgroup", "", "memory.max", "memory.current");
	}
	char *list = names_at + 1, *name;
	while ((name = strsep(&list, ",")) != NULL)
		if (strcmp(name, "memory") == 0)
			break;
	if (name == NULL)
		return false;
	watch->cache_key = "total_inactive_file ";
	return take_cgroup(watch, "/sys/fs/cgroup/memory", path, "memory.limit_in_bytes",
		       "memory.usage_in_bytes") ||
	       take_cgroup(watch, "/sys/fs/cgroup/memory", "", "memory.limit_in_bytes",
		       "memory.usage_in_bytes");
}

void run_watch_start(struct run_watch *watch, int pid, unsigned percent)
{
	char path[64], line[4096];

	*watch = (struct run_watch){.pid = pid, .percent = percent, .cgroup_limit = UINT64_MAX};
	if (percent == 0)
		return;
	snprintf(path, sizeof(path), "/proc/%d/cgroup", pid);
	FILE *file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
		if (take_line(watch, line))
			break;
	if (file)
		fclose(file);
}

void run_watch_end(struct run_watch *watch)
{
	free(watch->usage_path);
	free(watch->stat_path);
}

/* Whether this limit is near now and was not before. */
static bool compare(struct run_watch *watch, enum limit which, uint64_t used, uint64_t limit,
	char *words, unsigned size)
{
	uint64_t line = limit / 100 * watch->percent;
	char small[2][TEXT_SMALL];

	if (limit == UINT64_MAX || used == UINT64_MAX)
		return false;
	if (used < line) {
		/* Down by a twentieth of it, and it is worth telling again. */
		watch->noted[which] = watch->noted[which] && used >= line - limit / 20;
		return false;
	}
	if (watch->noted[which])
		return false;
	watch->noted[which] = true;
	snprintf(words, size, "%s at %s of %s", names[which], text_bytes(small[0], used),
		text_bytes(small[1], limit));
	return true;
}

static bool look_at_cgroup(struct run_watch *watch, char *words, unsigned size)
{
	uint64_t used = number_in(watch->usage_path);
	uint64_t cache = number_of(watch->stat_path, watch->cache_key ? watch->cache_key : "?");

	/* The part of the file cache that the kernel drops before it kills. */
	if (used != UINT64_MAX && cache < used)
		used -= cache;
	return compare(watch, LIMIT_CGROUP, used, watch->cgroup_limit, words, size);
}

static uint64_t limit_of(int pid, int resource)
{
	struct rlimit limit;

	if (prlimit(pid, resource, NULL, &limit) < 0 || limit.rlim_cur == RLIM_INFINITY)
		return UINT64_MAX;
	return limit.rlim_cur;
}

static bool look_at_process(struct run_watch *watch, char *words, unsigned size)
{
	uint64_t space = 0, data = 0, page = (uint64_t)sysconf(_SC_PAGESIZE);
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/statm", watch->pid);
	FILE *file = fopen(path, "re");
	if (file == NULL)
		return false;
	int got = fscanf(file, "%" SCNu64 " %*s %*s %*s %*s %" SCNu64, &space, &data);
	fclose(file);
	return got == 2 && (compare(watch, LIMIT_SPACE, space * page,
				    limit_of(watch->pid, RLIMIT_AS), words, size) ||
				   compare(watch, LIMIT_DATA, data * page,
					   limit_of(watch->pid, RLIMIT_DATA), words, size));
}

bool run_watch_look(struct run_watch *watch, char *words, unsigned size)
{
	return look_at_cgroup(watch, words, size) || look_at_process(watch, words, size);
}
