/*
 * A buffer that grows by realloc and is dropped: one live block of the last size, made by realloc.
 * Every realloc counts as one allocation and one free.
 *
 * expect: state=clean live.bytes=1024 live.blocks=1 totals.allocs=64 totals.frees=63
 * expect: totals.allocated_bytes=33280
 * expect: site function=append line=19 bytes=1024 blocks=1 allocator=realloc frame=main
 */
#include <stdlib.h>
#include <string.h>

struct buffer {
	char *data;
	size_t used;
};

static void append(struct buffer *buffer, const char *data, size_t size)
{
	char *grown = realloc(buffer->data, buffer->used + size);

	if (!grown)
		exit(1);
	memcpy(grown + buffer->used, data, size);
	buffer->data = grown;
	buffer->used += size;
}

int main(void)
{
	struct buffer buffer = {0};

	for (int i = 0; i < 64; i++)
		append(&buffer, "sixteen bytes...", 16);
	return 0;
}
