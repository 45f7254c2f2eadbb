#include "tests/unit/parts/reach_world.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#define PIECES 8
#define TAKEN 4096

struct world world;

static struct {
	uint64_t at, size;
	unsigned char *bytes;
	uint32_t mapped;
} piece[PIECES];
static unsigned piece_count;

static void *taken[TAKEN]; /* world.takes of them */

static const void *world_read(void *context, uint64_t at, uint64_t *size)
{
	static unsigned char copy[1 << 16];
	static uint64_t last;

	assert_ptr_equal(context, &world);
	assert_true(*size > 0);
	for (unsigned i = 0; i < piece_count; i++) {
		uint64_t start = piece[i].at, end = start + piece[i].size;

		if (at < start || at >= end)
			continue;
		if (*size > end - at)
			*size = end - at;
		if (world.at_once && *size > world.at_once)
			*size = world.at_once;
		if (*size > sizeof(copy))
			*size = sizeof(copy);
		/* What was given before is not valid any more. */
		if (last > *size)
			memset(copy + *size, 0xee, last - *size);
		last = *size;
		memcpy(copy, piece[i].bytes + (at - start), *size);
		return copy;
	}
	/* To the next piece. */
	for (unsigned i = 0; i < piece_count; i++) {
		if (piece[i].at > at && piece[i].at - at < *size)
			*size = piece[i].at - at;
	}
	return NULL;
}

static void *world_allocate(void *context, size_t size)
{
	unsigned number = world.takes + 1;
	void *ret = NULL;

	assert_ptr_equal(context, &world);
	if (number == world.fails_at || (world.fails_each && number % world.fails_each == 0)) {
		taken[world.takes++] = NULL;
		return NULL;
	}
	if (world.most && size > world.most)
		return NULL;
	assert_true(world.takes < TAKEN);
	if (posix_memalign(&ret, 64, size))
		abort();
	memset(ret, 0, size);
	taken[world.takes++] = ret;
	return ret;
}

static uint32_t world_mapping(void *context, uint64_t at, uint64_t *end)
{
	assert_ptr_equal(context, &world);
	return world_mapped(at, end);
}

const struct reach_view world_view = {
	.read = world_read, .allocate = world_allocate, .context = &world, .mapping = world_mapping};

void world_map(uint64_t at, uint64_t size, uint32_t mapped)
{
	assert_true(piece_count < PIECES);
	piece[piece_count].at = at;
	piece[piece_count].size = size;
	piece[piece_count].bytes = calloc(1, size);
	piece[piece_count++].mapped = mapped;
}

void world_map_program(void)
{
	world_map(ROOTS, 4096, 0);
	world_map(TEXT, 4096, REACH_MAPPED_FILE | REACH_MAPPED_READ | REACH_MAPPED_EXEC);
	world_map(TABLES, 4096, REACH_MAPPED_FILE | REACH_MAPPED_READ);
}

/* Where a word's bytes are; NULL where no piece has all of them. */
static unsigned char *word_bytes(uint64_t at)
{
	for (unsigned i = 0; i < piece_count; i++) {
		if (at >= piece[i].at && at - piece[i].at + 8 <= piece[i].size)
			return piece[i].bytes + (at - piece[i].at);
	}
	return NULL;
}

void world_put(uint64_t at, uint64_t word)
{
	unsigned char *bytes = word_bytes(at);

	assert_non_null(bytes);
	memcpy(bytes, &word, 8);
}

uint64_t world_word(uint64_t at)
{
	const unsigned char *bytes = word_bytes(at);
	uint64_t word = 0;

	if (bytes)
		memcpy(&word, bytes, 8);
	return word;
}

uint32_t world_mapped(uint64_t at, uint64_t *end)
{
	for (unsigned i = 0; i < piece_count; i++) {
		if (at >= piece[i].at && at - piece[i].at < piece[i].size) {
			*end = piece[i].at + piece[i].size;
			return piece[i].mapped;
		}
	}
	*end = at + 1;
	return 0;
}

void world_release(void)
{
	for (unsigned i = 0; i < world.takes; i++)
		free(taken[i]);
	world.takes = 0;
}

void world_end(void)
{
	world_release();
	for (unsigned i = 0; i < piece_count; i++)
		free(piece[i].bytes);
	piece_count = 0;
	memset(&world, 0, sizeof(world));
}
