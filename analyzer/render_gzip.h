/* Bytes on their way into a gzip file. */
#ifndef LEAK_RENDER_GZIP_H
#define LEAK_RENDER_GZIP_H

#include <stddef.h>
#include <stdio.h>

struct render_gzip;

/* Begins a gzip file at the end of `out`. Errors of `out` stay there, for who closes it. */
struct render_gzip *render_gzip_start(FILE *out);

void render_gzip_write(struct render_gzip *gzip, const void *bytes, size_t size);

/* Writes what is left, and releases `gzip`. */
void render_gzip_end(struct render_gzip *gzip);

#endif
