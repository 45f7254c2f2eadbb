/*
 * Finds the image of a running process among its mappings. Called by image_open.c. An image without
 * a file, and what a full disk kept out of the file, is read from the process's memory, which needs
 * the permission to debug it. The image of a process in a container is found through
 * /proc/PID/root.
 */
#define _GNU_SOURCE
#include "open_process.h"

#include "memory.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct mapping {
	uint64_t start, end, offset;
	char flags[8];
	char *path; /* "" for anonymous memory */
};

/* The mappings that lie behind one another from where the image begins. */
struct search {
	int pid;
	int memory; /* /proc/PID/mem, -1 when it cannot be had */
	int memory_errno;
	struct image_header header;
	uint64_t start, end;
	char *path;
	bool in_file; /* else it is in memory only */
};

int open_process_pid(const char *text)
{
	unsigned long value = 0;
	size_t length = strlen(text);

	if (length == 0 || length > 10 || strspn(text, "0123456789") != length)
		return 0;
	value = strtoul(text, NULL, 10);
	return value <= INT_MAX ? (int)value : 0;
}

/* "start-end flags offset device inode path" */
static bool parse_mapping(char *line, struct mapping *ret)
{
	int path = 0;

	line[strcspn(line, "\n")] = '\0';
	if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %7s %" SCNx64 " %*s %*s %n", &ret->start,
		    &ret->end, ret->flags, &ret->offset, &path) < 4)
		return false;
	ret->path = path ? line + path : line + strlen(line);
	return ret->start < ret->end;
}

static bool is_image(const struct image_header *header, ssize_t size)
{
	return size == sizeof(*header) && header->magic == IMAGE_MAGIC;
}

/* A descriptor of the file that is mapped there, -1 when there is none to be had. */
static int open_mapped(int pid, const struct mapping *mapping)
{
	char name[64];
	char *path;
	int fd;

	/* The mapping itself leads to the right file, also to one without a name; for root only. */
	snprintf(name, sizeof(name), "/proc/%d/map_files/%" PRIx64 "-%" PRIx64, pid, mapping->start,
		mapping->end);
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd >= 0 || asprintf(&path, "/proc/%d/root%s", pid, mapping->path) < 0)
		return fd;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	free(path);
	return fd;
}

/* Looks for the image's header where a mapping begins. Returns the descriptor that has it. */
static int look_in_file(struct search *search, const struct mapping *mapping)
{
	struct stat status;
	int fd = open_mapped(search->pid, mapping);

	if (fd < 0)
		return -1;
	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
		is_image(&search->header, pread(fd, &search->header, sizeof(search->header), 0)))
		return fd;
	close(fd);
	return -1;
}

static bool look_in_memory(struct search *search, const struct mapping *mapping)
{
	return search->memory >= 0 &&
	       is_image(&search->header, pread(search->memory, &search->header,
						 sizeof(search->header), (off_t)mapping->start));
}

static bool is_shared_file(const struct mapping *mapping)
{
	return mapping->flags[1] == 'w' && mapping->flags[3] == 's' && mapping->offset == 0 &&
	       mapping->path[0] == '/';
}

static bool is_anonymous(const struct mapping *mapping)
{
	return mapping->flags[1] == 'w' && mapping->flags[3] == 'p' && mapping->path[0] == '\0' &&
	       mapping->start <= INT64_MAX;
}

/* One mapping of the process, in the order of addresses. Returns the image file's descriptor when
 * it begins there, else -1. */
static int look_at(struct search *search, const struct mapping *mapping)
{
	if (search->start && mapping->start == search->end) {
		search->end = mapping->end; /* it grew in a piece of its own */
		return -1;
	}
	if (search->start)
		return -1;
	int fd = is_shared_file(mapping) ? look_in_file(search, mapping) : -1;
	if (fd < 0 && !(is_anonymous(mapping) && look_in_memory(search, mapping)))
		return -1;
	search->start = mapping->start;
	search->end = mapping->end;
	search->in_file = fd >= 0;
	search->path = fd >= 0 ? memory_copy(mapping->path) : NULL;
	return fd;
}

static int find(struct search *search, FILE *maps)
{
	struct mapping mapping;
	char *line = NULL;
	size_t room = 0;
	int fd = -1;

	while (getline(&line, &room, maps) > 0) {
		int found = parse_mapping(line, &mapping) ? look_at(search, &mapping) : -1;
		fd = found >= 0 ? found : fd;
	}
	free(line);
	return fd;
}

/* The image may have grown since its mappings were read and before its header was. So they are read
 * again: now they have what the header promises. Takes over `fd`, and returns what `find` does. */
static int find_again(struct search *search, FILE *maps, int fd, uint64_t *ret_promised)
{
	*ret_promised = search->header.used_bytes;
	if (fd >= 0)
		close(fd);
	free(search->path);
	search->start = search->end = 0;
	search->path = NULL;
	rewind(maps);
	return find(search, maps);
}

static int not_found(const struct search *search, struct error *error)
{
	if (search->memory < 0)
		return error_set(error,
			"no image of this process can be seen, and its memory cannot be read "
			"(%s): either it does not run under libleak.so, or you need its user's "
			"rights or root's",
			strerror(search->memory_errno));
	return error_set(error, "this process is not being recorded: it does not run under "
				"libleak.so, or it came from a fork and has not allocated since; "
				"start it with `leak run -- CMD`");
}

static void add_pieces(struct image_file *image, const struct search *search, int fd)
{
	uint64_t size = search->end - search->start, in_file = 0;
	struct stat status;

	if (fd >= 0) {
		in_file = fstat(fd, &status) == 0 ? (uint64_t)status.st_size : 0;
		if (in_file > size)
			in_file = size;
		/* Behind this the file has a hole: the disk was full. */
		if (search->header.memory_from && in_file > search->header.memory_from)
			in_file = search->header.memory_from;
		image_source_add(&image->source, 0, in_file, 0, fd);
	}
	if (search->memory >= 0)
		image_source_add(&image->source, in_file, size - in_file, search->start + in_file,
			search->memory);
}

int open_process(struct image_file *image, int pid, struct error *error)
{
	struct search search = {.pid = pid};
	char name[64];

	image->origin = ORIGIN_PROCESS;
	snprintf(name, sizeof(name), "/proc/%d/maps", pid);
	FILE *maps = fopen(name, "re");
	if (maps == NULL)
		return error_set(error,
			errno == ENOENT ? "no such process and no such file; give the pid of a "
					  "process, or the path of an image"
					: "its mappings cannot be read: %s; run leak as its user "
					  "or as root",
			strerror(errno));
	snprintf(name, sizeof(name), "/proc/%d/mem", pid);
	search.memory = open(name, O_RDONLY | O_CLOEXEC);
	search.memory_errno = errno;
	int fd = find(&search, maps);
	if (search.start)
		fd = find_again(&search, maps, fd, &image->promised_bytes);
	fclose(maps);
	if (search.start == 0) {
		if (search.memory >= 0)
			close(search.memory);
		return not_found(&search, error);
	}
	add_pieces(image, &search, fd);
	image->path = search.path ? search.path : memory_copy(name);
	return image_check(image, error);
}
