/*
 * Memory of the analyzer. Running out of it ends the program with one sentence and exit status 3:
 * the one place outside main.c and cmd_*.c that prints, because nothing sensible can follow.
 */
#ifndef LEAK_MEMORY_H
#define LEAK_MEMORY_H

#include <stddef.h>
#include <stdio.h>

/* Zeroed room for `count` items of `size` bytes; the product may overflow, which ends the program
 * as well. Never NULL, release with free(). */
void *memory_zero(size_t count, size_t size) __attribute__((returns_nonnull));

/* realloc for `count` items of `size` bytes. Never NULL. */
void *memory_resize(void *old, size_t count, size_t size) __attribute__((returns_nonnull));

/* strdup that never returns NULL. */
char *memory_copy(const char *text) __attribute__((returns_nonnull));

/* The three texts as one. Never NULL, release with free(). */
char *memory_join(const char *one, const char *two, const char *three)
	__attribute__((returns_nonnull));

/* open_memstream that never returns NULL. */
FILE *memory_stream(char **text, size_t *size) __attribute__((returns_nonnull));

/* fclose for it: the text is complete then, for the caller to free. */
void memory_stream_end(FILE *stream);

/* Grows an array to hold at least `needed` items: returns the (moved) array and updates
 * *capacity (items). New items are not cleared. */
void *memory_grow(void *array, size_t *capacity, size_t needed, size_t size);

#endif
