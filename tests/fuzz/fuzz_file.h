/*
 * The only files that there are for the product's objects of a harness: their bytes are in memory.
 * Where objects.mk says so, its calls of open, pread and their kin are renamed to those of
 * fuzz_file.c (by objcopy: libFuzzer itself has files to read), so the code that reads files is the
 * product's own, and an input costs no system call.
 */
#ifndef LEAK_FUZZ_FILE_H
#define LEAK_FUZZ_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define FUZZ_DIRECTORY "/fuzz/"
#define FUZZ_FILE FUZZ_DIRECTORY "file"

/* From now on this is what FUZZ_FILE holds, and the only file; it stays the caller's. */
void fuzz_file_set(const void *bytes, size_t size);

/* One more, in the same directory. Both stay the caller's. */
void fuzz_file_add(const char *path, const void *bytes, size_t size);

/* For a harness whose libraries read the file, too. */
struct stat;
bool fuzz_file_is(int fd);
ssize_t fuzz_pread(int fd, void *buffer, size_t size, off_t at);
int fuzz_fstat(int fd, struct stat *ret);
int fuzz_fcntl(int fd, int command, ...);

#endif
