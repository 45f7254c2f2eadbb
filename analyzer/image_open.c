/*
 * Tells image files, pids and core files apart. Called by the loader and `leak show`. A file goes
 * before a process whose pid is spelled like it.
 */
#define _GNU_SOURCE
#include "image_open.h"

#include "core_file.h"
#include "memory.h"
#include "open_core.h"
#include "open_process.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

static int open_file(
	struct image_file *image, const char *path, const char *sysroot, struct error *error)
{
	struct stat status;
	/* O_NONBLOCK: a FIFO must not hang us. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return error_set(error, "%s; %s", strerror(errno),
			errno == ENOENT ? "check the path" : "check the path and its permissions");
	int failed = fstat(fd, &status);
	image_source_add(&image->source, 0, failed ? 0 : (uint64_t)status.st_size, 0, fd);
	if (failed)
		return error_set(error, "%s", strerror(errno));
	if (!S_ISREG(status.st_mode))
		return error_set(error, "not a regular file; " IMAGE_HINT);
	if (status.st_size == 0)
		return error_set(error, "the file is empty; " IMAGE_HINT);
	if (core_file_knows(fd)) {
		image_close(image);
		return open_core(image, path, sysroot, error);
	}
	image->path = memory_copy(path);
	return image_check(image, error);
}

int image_open(struct image_file *image, const char *name, const char *sysroot, struct error *error)
{
	struct stat status;

	*image = (struct image_file){.origin = ORIGIN_FILE};
	if (stat(name, &status) < 0 && errno == ENOENT && open_process_pid(name))
		return open_process(image, open_process_pid(name), error);
	return open_file(image, name, sysroot, error);
}
