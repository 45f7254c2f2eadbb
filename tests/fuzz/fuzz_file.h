/*
 * The only file that there is for the product's objects of a harness: its bytes are in memory.
 * Where objects.mk says so, its calls of open, pread and their kin are renamed to those of
 * fuzz_file.c (by objcopy: libFuzzer itself has files to read), so the code that reads files is the
 * product's own, and an input costs no system call.
 */
#ifndef LEAK_FUZZ_FILE_H
#define LEAK_FUZZ_FILE_H

#include <stddef.h>
#include <stdint.h>

#define FUZZ_FILE "/fuzz/file"

/* From now on this is what FUZZ_FILE holds; it stays the caller's. */
void fuzz_file_set(const void *bytes, size_t size);

#endif
