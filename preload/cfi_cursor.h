/* Reading the encodings of unwind data. */
#ifndef LEAK_CFI_CURSOR_H
#define LEAK_CFI_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "preload/sys.h"

/* A cursor over unwind data; running over the end sets `bad` and yields zeros. */
struct cursor {
	const uint8_t *at, *end;
	bool bad;
};

/* Small, and each file has its own: what a compiler knows of a callee saves the callers stack. */
#define CURSOR static __attribute__((noinline, unused))

/* A little-endian number of so many bytes, eight at the most. */
CURSOR uint64_t cursor_take(struct cursor *c, unsigned bytes)
{
	uint64_t value = 0;

	if ((size_t)(c->end - c->at) < bytes) {
		c->bad = true;
		return 0;
	}
	__builtin_memcpy(&value, c->at, bytes);
	c->at += bytes;
	return value;
}

CURSOR uint64_t long_uleb(struct cursor *c)
{
	uint64_t value = 0;
	unsigned shift = 0;

	for (;;) {
		uint64_t byte = cursor_take(c, 1);

		if (shift < 64)
			value |= (byte & 0x7f) << shift;
		shift += 7;
		if (c->bad || !(byte & 0x80))
			return value;
	}
}

/* LEB128, unsigned and signed (DWARF 5, section 7.6). Of the unsigned ones most are one byte. */
static inline uint64_t cursor_uleb(struct cursor *c)
{
	return likely(c->at < c->end && *c->at < 0x80) ? *c->at++ : long_uleb(c);
}

CURSOR int64_t cursor_sleb(struct cursor *c)
{
	uint64_t value = 0, byte;
	unsigned shift = 0;

	do {
		byte = cursor_take(c, 1);
		if (shift < 64)
			value |= (byte & 0x7f) << shift;
		shift += 7;
	} while (!c->bad && (byte & 0x80));
	if (shift < 64 && (byte & 0x40))
		value |= ~0ull << shift;
	return (int64_t)value;
}

/* A block: its length in LEB128, then its bytes. */
CURSOR struct cursor cursor_block(struct cursor *c)
{
	uint64_t size = cursor_uleb(c);
	struct cursor block = {c->at, c->at, true};

	if (c->bad || size > (size_t)(c->end - c->at)) {
		c->bad = true;
		return block;
	}
	block.end = c->at + size;
	block.bad = false;
	c->at += size;
	return block;
}

#endif
