/*
 * Building short texts in a fixed buffer without stdio, locale or libc's heap. Text that does not
 * fit is cut; the buffer always ends in NUL. Any thread, also in a signal handler.
 */
#ifndef LEAK_TEXT_H
#define LEAK_TEXT_H

#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>

struct text {
	char *bytes;
	size_t size; /* of the buffer, at least 1 */
	size_t used; /* without the NUL */
	bool cut;    /* something did not fit */
};

#define TEXT(name, capacity)                                                                       \
	char name##_buffer[capacity];                                                              \
	struct text name = text_in(name##_buffer, capacity)

/* The same where a program's thread has no room for it on its stack, and only one thread can be. */
#define TEXT_STATIC(name, capacity)                                                                \
	static char name##_buffer[capacity];                                                       \
	struct text name = text_in(name##_buffer, capacity)

struct text text_in(char *buffer, size_t size);
void text_add(struct text *t, const char *string);
void text_add_bytes(struct text *t, const char *bytes, size_t count);
void text_add_number(struct text *t, uint64_t number);
/* 1536 → "1.5 KiB" */
void text_add_size(struct text *t, uint64_t bytes);

/* A name for people: what a terminal may take for a command is shown as \xNN. */
void text_add_shown(struct text *t, const char *name);

/* A word for a shell to read back, and for a terminal: quoted where it needs to be. */
void text_add_quoted(struct text *t, const char *word);

/* Writes the text and a newline to the program's stderr in one write; a failure is ignored. */
void text_print(struct text *t);

size_t text_length(const char *string);
bool text_equal(const char *a, const char *b);
/* `string` begins with `prefix` */
bool text_begins(const char *string, const char *prefix);
/* Reads a number of decimal digits, or of lower-case hexadecimal ones, as /proc has them: what
 * follows it. */
const char *text_read_decimal(const char *at, uint64_t *ret);
const char *text_read_hex(const char *at, uint64_t *ret);

#endif
