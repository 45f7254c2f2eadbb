/* The image of a process that `leak run` or `leak ci` saw ending. */
#ifndef LEAK_RUN_IMAGE_H
#define LEAK_RUN_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Finds the latest image of process `pid` that was begun at or after `since_ns` (CLOCK_REALTIME).
 * `pattern` is the output= pattern in force. Looks in the pattern's directory and in /tmp, where
 * libleak.so falls back to. Returns its path for the caller to free, NULL when there is none.
 */
char *run_image_find(const char *pattern, int pid, uint64_t since_ns);

/* The latest image of a process in one directory, where names have the pid in them. */
char *run_image_find_in(const char *directory, int pid);

struct run_image_list {
	char **paths;
	size_t count, capacity;
};

/* Adds the images in /tmp, where libleak.so falls back to, that were begun at or after `since_ns`
 * by processes with `mark` in their LEAK_OPTIONS: of process `pid`, 0: of any. An image has only
 * the first 255 bytes of these: the mark should be their beginning. */
void run_image_find_fallen_back(
	struct run_image_list *list, const char *mark, int pid, uint64_t since_ns);

void run_image_list_free(struct run_image_list *list);

/* Whether run_image_find finds every image that this pattern can give: only then no image means
 * that nothing was recorded. */
bool run_image_is_certain(const char *pattern);

/* Writes into an image that ended without a goodbye how its process ended, by the `status` of
 * waitpid, and cuts off the unused tail of the file. Leaves every other image alone. */
void run_image_finish(const char *path, int status);

#endif
