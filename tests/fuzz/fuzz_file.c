/* The files of a harness, see fuzz_file.h. Nothing else can be opened, and nobody runs. */
#define _GNU_SOURCE
#include "fuzz_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DESCRIPTOR 1000 /* of the first; libFuzzer and the sanitizers have none that high */
#define FILES_MOST 4
#define PAGE 4096

static struct {
	const char *path, *bytes;
	size_t size;
} files[FILES_MOST];
static size_t file_count;
static size_t listed; /* by readdir: one directory is read at a time */

void fuzz_file_set(const void *bytes, size_t size)
{
	file_count = 0;
	fuzz_file_add(FUZZ_FILE, bytes, size);
}

void fuzz_file_add(const char *path, const void *bytes, size_t size)
{
	if (file_count == FILES_MOST)
		return;
	files[file_count].path = path;
	files[file_count].bytes = bytes;
	files[file_count++].size = size;
}

bool fuzz_file_is(int fd)
{
	return fd >= DESCRIPTOR && fd < DESCRIPTOR + FILES_MOST;
}

static int fail(int number)
{
	errno = number;
	return -1;
}

static int find(const char *path)
{
	for (size_t i = 0; i < file_count; i++)
		if (strcmp(path, files[i].path) == 0)
			return DESCRIPTOR + (int)i;
	return fail(ENOENT);
}

static bool is_open(int fd)
{
	return fd >= DESCRIPTOR && (size_t)(fd - DESCRIPTOR) < file_count;
}

int fuzz_open(const char *path, int flags, ...);
int fuzz_open(const char *path, int flags, ...)
{
	(void)flags;
	return find(path);
}

int fuzz_close(int fd);
int fuzz_close(int fd)
{
	return is_open(fd) ? 0 : fail(EBADF);
}

/* A copy of a descriptor is the same: nothing is ever closed. */
int fuzz_fcntl(int fd, int command, ...)
{
	if (!is_open(fd))
		return fail(EBADF);
	return command == F_DUPFD_CLOEXEC ? fd : command == F_GETFD ? FD_CLOEXEC : fail(EINVAL);
}

static int tell(int fd, struct stat *ret)
{
	*ret = (struct stat){
		.st_mode = S_IFREG | 0600, .st_size = (off_t)files[fd - DESCRIPTOR].size};
	return 0;
}

int fuzz_stat(const char *path, struct stat *ret);
int fuzz_stat(const char *path, struct stat *ret)
{
	int fd = find(path);

	return fd < 0 ? -1 : tell(fd, ret);
}

int fuzz_fstat(int fd, struct stat *ret)
{
	return is_open(fd) ? tell(fd, ret) : fail(EBADF);
}

ssize_t fuzz_pread(int fd, void *buffer, size_t size, off_t at)
{
	if (!is_open(fd))
		return fail(EBADF);
	if (at < 0)
		return fail(EINVAL);
	size_t whole = files[fd - DESCRIPTOR].size;
	if ((size_t)at >= whole)
		return 0;
	if (size > whole - (size_t)at)
		size = whole - (size_t)at;
	memcpy(buffer, files[fd - DESCRIPTOR].bytes + at, size);
	return (ssize_t)size;
}

/* SEEK_DATA only: pages of zeros are holes. */
off_t fuzz_lseek(int fd, off_t at, int whence);
off_t fuzz_lseek(int fd, off_t at, int whence)
{
	static const char zeros[PAGE];

	if (!is_open(fd))
		return fail(EBADF);
	const char *file_bytes = files[fd - DESCRIPTOR].bytes;
	size_t file_size = files[fd - DESCRIPTOR].size;
	if (whence != SEEK_DATA || at < 0)
		return fail(EINVAL);
	for (size_t page = (size_t)at / PAGE * PAGE; page < file_size; page += PAGE) {
		size_t size = file_size - page < PAGE ? file_size - page : PAGE;
		if (memcmp(file_bytes + page, zeros, size) != 0)
			return page > (size_t)at ? (off_t)page : at;
	}
	return fail(ENXIO);
}

FILE *fuzz_fopen(const char *path, const char *mode);
FILE *fuzz_fopen(const char *path, const char *mode)
{
	int fd = find(path);

	if (fd < 0 || mode[0] != 'r') {
		errno = ENOENT;
		return NULL;
	}
	/* Of nothing fmemopen makes no file. */
	size_t size = files[fd - DESCRIPTOR].size;
	return fmemopen(size ? (void *)files[fd - DESCRIPTOR].bytes : (void *)"\n", size ? size : 1, "r");
}

/* All files are in one directory. */
DIR *fuzz_opendir(const char *path);
DIR *fuzz_opendir(const char *path)
{
	listed = 0;
	if (strncmp(path, FUZZ_DIRECTORY, strlen(path)) == 0 && strlen(path) >= strlen(FUZZ_DIRECTORY) - 1)
		return (DIR *)&listed;
	errno = ENOENT;
	return NULL;
}

struct dirent *fuzz_readdir(DIR *directory);
struct dirent *fuzz_readdir(DIR *directory)
{
	static struct dirent entry;

	(void)directory;
	if (listed == file_count)
		return NULL;
	snprintf(entry.d_name, sizeof(entry.d_name), "%s", files[listed++].path + strlen(FUZZ_DIRECTORY));
	return &entry;
}

int fuzz_closedir(DIR *directory);
int fuzz_closedir(DIR *directory)
{
	(void)directory;
	return 0;
}
