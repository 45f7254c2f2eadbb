/* The file of a harness, see fuzz_file.h. Nothing else can be opened, and nobody runs. */
#define _GNU_SOURCE
#include "fuzz_file.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DESCRIPTOR 1000 /* libFuzzer and the sanitizers have none that high */
#define PAGE 4096

static const char *file_bytes;
static size_t file_size;

void fuzz_file_set(const void *bytes, size_t size)
{
	file_bytes = bytes;
	file_size = size;
}

static int fail(int number)
{
	errno = number;
	return -1;
}

int fuzz_open(const char *path, int flags, ...);
int fuzz_open(const char *path, int flags, ...)
{
	(void)flags;
	return strcmp(path, FUZZ_FILE) == 0 ? DESCRIPTOR : fail(ENOENT);
}

int fuzz_close(int fd);
int fuzz_close(int fd)
{
	return fd == DESCRIPTOR ? 0 : fail(EBADF);
}

static int tell(struct stat *ret)
{
	*ret = (struct stat){.st_mode = S_IFREG | 0600, .st_size = (off_t)file_size};
	return 0;
}

int fuzz_stat(const char *path, struct stat *ret);
int fuzz_stat(const char *path, struct stat *ret)
{
	return strcmp(path, FUZZ_FILE) == 0 ? tell(ret) : fail(ENOENT);
}

int fuzz_fstat(int fd, struct stat *ret);
int fuzz_fstat(int fd, struct stat *ret)
{
	return fd == DESCRIPTOR ? tell(ret) : fail(EBADF);
}

ssize_t fuzz_pread(int fd, void *buffer, size_t size, off_t at);
ssize_t fuzz_pread(int fd, void *buffer, size_t size, off_t at)
{
	if (fd != DESCRIPTOR)
		return fail(EBADF);
	if (at < 0)
		return fail(EINVAL);
	if ((size_t)at >= file_size)
		return 0;
	if (size > file_size - (size_t)at)
		size = file_size - (size_t)at;
	memcpy(buffer, file_bytes + at, size);
	return (ssize_t)size;
}

/* SEEK_DATA only: pages of zeros are holes. */
off_t fuzz_lseek(int fd, off_t at, int whence);
off_t fuzz_lseek(int fd, off_t at, int whence)
{
	static const char zeros[PAGE];

	if (fd != DESCRIPTOR)
		return fail(EBADF);
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
	if (strcmp(path, FUZZ_FILE) != 0 || mode[0] != 'r') {
		errno = ENOENT;
		return NULL;
	}
	/* Of nothing fmemopen makes no file. */
	return fmemopen(file_size ? (void *)file_bytes : (void *)"\n", file_size ? file_size : 1, "r");
}

DIR *fuzz_opendir(const char *path);
DIR *fuzz_opendir(const char *path)
{
	(void)path;
	errno = ENOENT;
	return NULL;
}
