#include "contents.h"

static uint8_t fill_byte(uint64_t fill, size_t i)
{
	return (uint8_t)(fill + i * 131 + (i >> 8));
}

/* All bytes of a small block, some of a large one: its ends, and one of each page. */
static size_t next_checked(size_t i, size_t size)
{
	if (size <= 1024 || i < 64 || i + 64 >= size)
		return i + 1;
	return i + 4096 < size - 64 ? i + 4096 : size - 64;
}

void contents_fill(const struct model_block *block)
{
	uint8_t *bytes = (uint8_t *)block->address;

	for (size_t i = 0; i < block->size; i = next_checked(i, block->size))
		bytes[i] = fill_byte(block->fill, i);
}

void contents_check(const struct model_block *block, const void *at, size_t size)
{
	const uint8_t *bytes = at;

	for (size_t i = 0; i < size; i = next_checked(i, block->size))
		if (bytes[i] != fill_byte(block->fill, i))
			wrong("block %p, %zu bytes, stack %#x: byte %zu is damaged", at,
				(size_t)block->size, block->stack, i);
}

void contents_check_zero(const void *at, size_t size)
{
	const uint8_t *bytes = at;

	for (size_t i = 0; i < size; i = next_checked(i, size))
		if (bytes[i])
			wrong("calloc's block %p, %zu bytes: byte %zu is not zero", bytes, size, i);
}
