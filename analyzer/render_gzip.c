/*
 * Compresses with zlib. Called by render_pprof.c and render_page.c. There is no name and no time in
 * the header: the same bytes give the same file.
 */
#include "render_gzip.h"

#include "memory.h"

#include <limits.h>
#include <stdlib.h>
#include <zlib.h>

#define GZIP_WINDOW (MAX_WBITS + 16) /* 16: with the header and trailer of gzip */

struct render_gzip {
	z_stream stream;
	FILE *out;
	unsigned char room[1 << 16];
};

/* So zlib never fails for want of memory. */
static void *get_memory(void *context, unsigned count, unsigned size)
{
	(void)context;
	return memory_zero(count, size);
}

static void give_memory(void *context, void *memory)
{
	(void)context;
	free(memory);
}

struct render_gzip *render_gzip_start(FILE *out)
{
	struct render_gzip *gzip = memory_zero(1, sizeof(*gzip));

	gzip->out = out;
	gzip->stream.zalloc = get_memory;
	gzip->stream.zfree = give_memory;
	deflateInit2(
		&gzip->stream, Z_BEST_COMPRESSION, Z_DEFLATED, GZIP_WINDOW, 9, Z_DEFAULT_STRATEGY);
	return gzip;
}

static void compress_all(struct render_gzip *gzip, int flush)
{
	z_stream *stream = &gzip->stream;

	do {
		stream->next_out = gzip->room;
		stream->avail_out = sizeof(gzip->room);
		deflate(stream, flush);
		fwrite(gzip->room, 1, sizeof(gzip->room) - stream->avail_out, gzip->out);
	} while (stream->avail_out == 0);
}

void render_gzip_write(struct render_gzip *gzip, const void *bytes, size_t size)
{
	gzip->stream.next_in = (unsigned char *)bytes;
	while (size) {
		unsigned part = size < UINT_MAX ? (unsigned)size : UINT_MAX;
		gzip->stream.avail_in = part;
		compress_all(gzip, Z_NO_FLUSH);
		size -= part;
	}
}

void render_gzip_end(struct render_gzip *gzip)
{
	compress_all(gzip, Z_FINISH);
	deflateEnd(&gzip->stream);
	free(gzip);
}
