/*
 * Expands operands to image files. Called by cmd_model.c and cmd_show.c. Looks inside only to tell
 * a snapshot: what is newest of a process is its own image.
 */
#define _GNU_SOURCE
#include "image_list.h"

#include "memory.h"
#include "preload/image_format.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct image_item *find(const struct image_list *list, const struct stat *status)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].inode == status->st_ino &&
			list->items[i].device == status->st_dev)
			return &list->items[i];
	return NULL;
}

/* Takes over `path`, unless its file is there already. */
static void add(struct image_list *list, char *path, size_t operand)
{
	struct image_item item = {.path = path, .operand = operand};
	struct stat status;

	if (stat(path, &status) == 0) {
		if (find(list, &status)) {
			free(path);
			return;
		}
		item.device = status.st_dev;
		item.inode = status.st_ino;
	}
	list->items =
		memory_grow(list->items, &list->capacity, list->count + 1, sizeof(*list->items));
	list->items[list->count++] = item;
}

static int is_image_name(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name);

	return length > 5 && strcmp(entry->d_name + length - 5, ".leak") == 0;
}

static bool same_moment_or_later(const struct stat *one, const struct stat *other)
{
	if (one->st_mtim.tv_sec != other->st_mtim.tv_sec)
		return one->st_mtim.tv_sec > other->st_mtim.tv_sec;
	return one->st_mtim.tv_nsec >= other->st_mtim.tv_nsec;
}

static bool is_snapshot(const char *path)
{
	struct image_header header = {0};
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return false;
	bool whole = pread(fd, &header, sizeof(header), 0) == sizeof(header);
	close(fd);
	return whole && header.magic == IMAGE_MAGIC &&
	       header.header_size > offsetof(struct image_header, snapshot_realtime_ns) &&
	       header.snapshot_realtime_ns != 0;
}

/* Adds the images of a directory, or only the newest: a snapshot where there is nothing else.
 * Returns how many, -1 on failure. */
static int add_directory(
	struct image_list *list, const char *directory, size_t operand, bool newest_only)
{
	struct dirent **entries;
	struct stat status, newest_status = {0};
	bool newest_is_snapshot = false;
	char *newest = NULL;
	int added = 0, count = scandir(directory, &entries, is_image_name, alphasort);

	for (int i = 0; i < count; i++) {
		char *path;
		if (strcmp(directory, ".") == 0)
			path = memory_copy(entries[i]->d_name);
		else if (asprintf(&path, "%s/%s", directory, entries[i]->d_name) < 0)
			path = memory_copy(entries[i]->d_name);
		free(entries[i]);
		if (stat(path, &status) < 0 || !S_ISREG(status.st_mode)) {
			free(path);
			continue;
		}
		if (!newest_only) {
			add(list, path, operand);
			added++;
			continue;
		}
		bool snapshot = is_snapshot(path);
		if (newest == NULL || (newest_is_snapshot && !snapshot) ||
			(newest_is_snapshot == snapshot &&
				same_moment_or_later(&status, &newest_status))) {
			free(newest);
			newest = path;
			newest_status = status;
			newest_is_snapshot = snapshot;
		} else {
			free(path);
		}
	}
	if (count >= 0)
		free(entries);
	if (newest) {
		add(list, newest, operand);
		added++;
	}
	return count < 0 ? -1 : added;
}

int image_list_fill(struct image_list *list, const char *const *operands, size_t count,
	const char **error_path, struct error *error)
{
	struct stat status;

	*list = (struct image_list){0};
	*error_path = "";
	if (count == 0 && add_directory(list, ".", 0, true) <= 0)
		return error_set(error, "no image (*.leak) in this directory; name one, or run "
					"`leak run -- CMD` to make one");
	for (size_t i = 0; i < count; i++) {
		if (stat(operands[i], &status) < 0 || !S_ISDIR(status.st_mode)) {
			add(list, memory_copy(operands[i]), i);
			continue;
		}
		int added = add_directory(list, operands[i], i, false);
		*error_path = operands[i];
		if (added < 0)
			return error_set(
				error, "%s; check the path and its permissions", strerror(errno));
		if (added == 0)
			return error_set(error, "no image (*.leak) in this directory; run "
						"`leak run -- CMD` to make one");
	}
	return 0;
}

bool image_list_has(const struct image_list *list, const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && find(list, &status) != NULL;
}

void image_list_free(struct image_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i].path);
	free(list->items);
}
