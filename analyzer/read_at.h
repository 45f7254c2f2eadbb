/* Reading a part of a file whole. */
#ifndef LEAK_READ_AT_H
#define LEAK_READ_AT_H

#include <stddef.h>
#include <stdint.h>

/* Reads `size` bytes at `at` of the file, over interruptions and short reads; fewer only at the end
 * of the file, or where it cannot be read. Returns how many. */
size_t read_at(int fd, void *buffer, size_t size, uint64_t at);

#endif
