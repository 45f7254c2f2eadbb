#include "tests/unit/parts/reach_plain.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

static struct plain_block blocks[PLAIN_MOST];
static unsigned count;
static unsigned stack[PLAIN_MOST], pending;
static uint32_t flags;

void plain_begin(uint32_t with_flags)
{
	count = pending = 0;
	flags = with_flags;
}

void plain_add(struct given given)
{
	assert_true(count < PLAIN_MOST);
	blocks[count++] = (struct plain_block){.given = given};
}

unsigned plain_count(void)
{
	return count;
}

const struct plain_block *plain_block(unsigned i)
{
	assert_true(i < count);
	return &blocks[i];
}

static void push(unsigned i)
{
	if (!blocks[i].pending)
		stack[pending++] = i;
	blocks[i].pending = true;
}

unsigned plain_leader(unsigned i)
{
	while (blocks[i].class == REACH_INDIRECT)
		i = blocks[i].leader;
	return i;
}

int plain_find(uint64_t word)
{
	int low = 0, high = (int)count;

	while (low < high) {
		int middle = (low + high) / 2;

		if (blocks[middle].given.address <= word)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low)
		return -1;
	return word - blocks[low - 1].given.address <
			       (blocks[low - 1].given.size ? blocks[low - 1].given.size : 1)
		       ? low - 1
		       : -1;
}

static bool is_vtable(uint64_t at)
{
	unsigned functions = 0;
	uint64_t end, other, mapped = world_mapped(at, &end);

	if (!(mapped & REACH_MAPPED_FILE) || !(mapped & REACH_MAPPED_READ))
		return false;
	for (unsigned i = 0; i <= 20; i++) {
		uint64_t function;

		if (at + 8 * i > end - 9)
			return false;
		function = world_word(at + 8 * i);
		if (!function)
			continue;
		mapped = world_mapped(function, &other);
		if (!(mapped & REACH_MAPPED_FILE) || !(mapped & REACH_MAPPED_EXEC))
			return false;
		if (++functions == 2)
			return true;
	}
	return false;
}

static bool has_shape(uint64_t word, const struct given *given)
{
	uint64_t at = given->address, size = given->size;

	if (at % 8)
		return false;
	if ((flags & REACH_STDSTRING) && word == at + 24 && world_word(at + 8) + 25 == size &&
		world_word(at) <= world_word(at + 8))
		return true;
	if ((flags & REACH_LENGTH64) && word == at + 8 && world_word(at) && world_word(at) == size - 8)
		return true;
	if ((flags & REACH_NEWARRAY) && word == at + 8 && world_word(at) &&
		(size - 8) % world_word(at) == 0)
		return true;
	if ((flags & REACH_MULTIPLEINHERITANCE) && word % 8 == 0 && word + 8 <= at + size) {
		uint64_t inner = world_word(word), first = world_word(at);

		if (inner % 8 == 0 && inner >= 4096 && first % 8 == 0 && first >= 4096 &&
			is_vtable(inner) && is_vtable(first))
			return true;
	}
	if ((flags & REACH_ALIGNED) && word % 32 == 0 && word + 16 <= at + size) {
		uint64_t most = 32;

		while (word % (2 * most) == 0)
			most *= 2;
		return word - at <= most &&
		       ((word >= at + 8 && world_word(word - 8) == at) || world_word(word) == at ||
			       world_word(word + 8) == at);
	}
	return false;
}

static void mark(uint64_t word, bool definite, int leader)
{
	int i = plain_find(word);
	bool sure;

	if (i < 0)
		return;
	if (leader >= 0) {
		if (blocks[i].class == REACH_NOT_CLASSED && i != leader) {
			blocks[i].class = REACH_INDIRECT;
			blocks[i].leader = (unsigned)leader;
			push((unsigned)i);
		}
		return;
	}
	sure = definite && (word == blocks[i].given.address || has_shape(word, &blocks[i].given));
	if (sure && blocks[i].class != REACH_REACHABLE) {
		blocks[i].class = REACH_REACHABLE;
		push((unsigned)i);
	} else if (blocks[i].class == REACH_NOT_CLASSED) {
		blocks[i].class = REACH_POSSIBLE;
		push((unsigned)i);
	}
}

static void take(uint64_t word, bool definite, int leader)
{
	int i;

	if (!word)
		return;

	mark(word, definite, leader);
	i = plain_find(word);
	if ((flags & REACH_TAGS) && word % 8 && (i < 0 || blocks[i].given.address != word))
		mark(word & ~(uint64_t)7, definite, leader);
}

static void scan(uint64_t start, uint64_t end, bool definite, int leader)
{
	for (uint64_t at = (start + 7) & ~(uint64_t)7; at + 8 <= end; at += 8)
		take(world_word(at), definite, leader);
}

static void follow(int leader)
{
	while (pending) {
		struct plain_block *block = &blocks[stack[--pending]];

		block->pending = false;
		scan(block->given.address, block->given.address + block->given.size,
			block->class != REACH_POSSIBLE, leader);
	}
}

void plain_from(uint64_t start, uint64_t end)
{
	for (unsigned i = 0; i < count && start < end; i++) {
		const struct given *given = &blocks[i].given;

		if (!given->size || given->address + given->size <= start || given->address >= end)
			continue;
		if (given->address > start)
			scan(start, given->address, true, -1);
		start = given->address + given->size;
	}
	if (start < end)
		scan(start, end, true, -1);
}

void plain_from_word(uint64_t word)
{
	take(word, true, -1);
}

void plain_finish(void)
{
	follow(-1);
	for (unsigned i = 0; i < count; i++) {
		if (blocks[i].class != REACH_NOT_CLASSED)
			continue;
		push(i);
		follow((int)i);
	}
	for (unsigned i = 0; i < count; i++) {
		if (blocks[i].class == REACH_NOT_CLASSED)
			blocks[i].class = REACH_DEFINITE;
	}
}
