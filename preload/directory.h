/* Looking through a directory of /proc, without libc. Any thread; takes 4.5 KiB of its stack. */
#ifndef LEAK_DIRECTORY_H
#define LEAK_DIRECTORY_H

#include <stdbool.h>

/* Calls `visit` with the name of each entry, and the directory's descriptor, until it returns
 * false. False when the list cannot be read. */
bool directory_each(
	const char *path, bool (*visit)(void *context, int fd, const char *name), void *context);

#endif
