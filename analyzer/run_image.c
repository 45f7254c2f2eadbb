/*
 * Finds a child's image and completes it. Called by cmd_run.c and cmd_ci.c after waitpid, when
 * nobody writes to the image any more. Does not find an image whose directory has a % in it.
 */
#define _GNU_SOURCE
#include "run_image.h"

#include "clock.h"
#include "memory.h"
#include "preload/image_format.h"
#include "text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Where libleak.so makes an image that cannot be where it is to be, see preload/output.c. */
#define FALLBACK "/tmp"
#define FALLBACK_NAME "leak."

/* False when it is no image, or a snapshot. */
static bool read_header(const char *path, struct image_header *ret)
{
	struct stat status;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	bool read;

	if (fd < 0)
		return false;
	read = fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
	       pread(fd, ret, sizeof(*ret), 0) == sizeof(*ret) && ret->magic == IMAGE_MAGIC &&
	       !ret->snapshot_realtime_ns;
	close(fd);
	return read;
}

/* When the image at `path` was begun, 0 when it is not one of the process's, or a snapshot of it.
 */
static uint64_t begun(const char *path, int pid)
{
	struct image_header header;

	if (!read_header(path, &header) || header.pid != pid)
		return 0;
	return header.start_realtime_ns ? header.start_realtime_ns : 1;
}

/* A name that the pattern may have given: its fixed beginning fits, or the pid is in it, or it need
 * have neither. */
static bool fits(const char *name, const char *pattern_name, int pid)
{
	char number[16];
	size_t fixed = strcspn(pattern_name, "%");
	const char *dot = strrchr(pattern_name, '.');

	if (pattern_name[fixed] == '\0' && dot && dot > pattern_name)
		fixed = (size_t)(dot - pattern_name); /* name.leak may have become name.1.leak */
	snprintf(number, sizeof(number), "%d", pid);
	return strstr(name, number) != NULL || (fixed && strncmp(name, pattern_name, fixed) == 0) ||
	       (fixed == 0 && strstr(pattern_name, "%p") == NULL);
}

static char *find_in(const char *directory, const char *pattern_name, int pid, uint64_t since_ns)
{
	DIR *entries = opendir(directory);
	struct dirent *entry;
	char *found = NULL;
	uint64_t found_when = 0;

	while (entries && (entry = readdir(entries)) != NULL) {
		char *path;
		if (!fits(entry->d_name, pattern_name, pid))
			continue;
		if (strcmp(directory, ".") == 0)
			path = memory_copy(entry->d_name);
		else if (asprintf(&path, "%s/%s", directory, entry->d_name) < 0)
			continue;
		uint64_t when = begun(path, pid);
		if (when >= since_ns && when >= found_when && when) {
			free(found);
			found = path;
			found_when = when;
		} else {
			free(path);
		}
	}
	if (entries)
		closedir(entries);
	return found;
}

/* The directory that the pattern names, for the caller to free. */
static char *pattern_directory(const char *pattern)
{
	const char *name = text_basename(pattern);

	if (name == pattern)
		return memory_copy(".");
	if (name == pattern + 1)
		return memory_copy("/");
	char *directory = memory_copy(pattern);
	directory[name - pattern - 1] = '\0';
	return directory;
}

/* An image has as much of the options as there is room for: of a mark that is longer it has the
 * first part, where the options begin with it. */
static bool has_mark(const struct image_header *header, const char *mark)
{
	size_t length = strnlen(header->options, sizeof(header->options));

	return memmem(header->options, length, mark, strlen(mark)) != NULL ||
	       (length == sizeof(header->options) - 1 && strlen(mark) > length &&
		       strncmp(header->options, mark, length) == 0);
}

static bool is_fallen_back(const char *path, const char *mark, int pid, uint64_t since_ns)
{
	struct image_header header;

	return read_header(path, &header) && header.start_realtime_ns >= since_ns &&
	       (pid == 0 || header.pid == pid) && has_mark(&header, mark);
}

void run_image_find_fallen_back(
	struct run_image_list *list, const char *mark, int pid, uint64_t since_ns)
{
	DIR *entries = opendir(FALLBACK);
	struct dirent *entry;

	while (entries && (entry = readdir(entries)) != NULL) {
		if (strncmp(entry->d_name, FALLBACK_NAME, strlen(FALLBACK_NAME)) != 0)
			continue;
		char *path = memory_join(FALLBACK, "/", entry->d_name);
		if (is_fallen_back(path, mark, pid, since_ns)) {
			list->paths = memory_grow(list->paths, &list->capacity, list->count + 1,
				sizeof(*list->paths));
			list->paths[list->count++] = path;
		} else {
			free(path);
		}
	}
	if (entries)
		closedir(entries);
}

void run_image_list_free(struct run_image_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->paths[i]);
	free(list->paths);
	*list = (struct run_image_list){0};
}

bool run_image_is_certain(const char *pattern)
{
	char *directory = pattern_directory(pattern);
	bool certain = strchr(directory, '%') == NULL;
	DIR *entries = certain ? opendir(directory) : NULL;

	/* One that is not there would have been made. */
	certain = certain && (entries || errno == ENOENT);
	if (entries)
		closedir(entries);
	free(directory);
	for (const char *at = strchr(text_basename(pattern), '%'); certain && at;
		at = strchr(at + 2, '%'))
		if (at[1] == '\0' || strchr("ep%", at[1]) == NULL)
			return false;
	return certain;
}

char *run_image_find(const char *pattern, int pid, uint64_t since_ns)
{
	const char *name = text_basename(pattern);
	char *directory = pattern_directory(pattern), *found = NULL;

	if (strchr(directory, '%') == NULL)
		found = find_in(directory, name, pid, since_ns);
	free(directory);
	return found ? found : find_in(FALLBACK, FALLBACK_NAME "%", pid, since_ns);
}

char *run_image_find_in(const char *directory, int pid)
{
	return find_in(directory, "%p", pid, 0);
}

void run_image_finish(const char *path, int status)
{
	struct image_header header;
	struct stat file;
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0)
		return;
	if (pread(fd, &header, sizeof(header), 0) != sizeof(header) ||
		header.magic != IMAGE_MAGIC || header.version != IMAGE_VERSION ||
		header.state != IMAGE_RUNNING) {
		close(fd);
		return;
	}
	header.end_monotonic_ns = clock_monotonic_ns();
	if (WIFSIGNALED(status)) {
		header.state = IMAGE_CRASHED;
		header.signal = WTERMSIG(status);
	} else { /* it left by a way that the recorder does not see: a bare system call */
		header.state = IMAGE_CLEAN;
		header.exit_status = WEXITSTATUS(status);
	}
	/* A disk that is full now leaves the image as it was: no goodbye, still readable. */
	bool written = pwrite(fd, &header, sizeof(header), 0) == sizeof(header);
	if (written && fstat(fd, &file) == 0 && header.used_bytes >= IMAGE_PAGE &&
		(uint64_t)file.st_size > header.used_bytes)
		written = ftruncate(fd, (off_t)header.used_bytes) == 0;
	close(fd);
}
