/* The region map, see regions.h. */
#include <stdatomic.h>

#include "preload/regions.h"
#include "preload/arena.h"
#include "preload/clock.h"
#include "preload/faults.h"
#include "preload/image.h"
#include "preload/patience.h"
#include "preload/process.h"
#include "preload/sys.h"

/* ---- rows in the image, and their order in private memory; only the map's holder touches them
 * ---- */

#define ROWS_PER_CHUNK 84 /* of 48 bytes: one page */
#define MAX_CHUNKS 4096

static SPARSE struct chunk_header *_Atomic chunks[MAX_CHUNKS];
static struct rowstore rows = {.type = CHUNK_REGIONS,
	.row_size = sizeof(struct image_region),
	.rows_per_chunk = ROWS_PER_CHUNK,
	.max_chunks = MAX_CHUNKS,
	.chunks = chunks};

static uint32_t *order; /* row numbers by start address */
static size_t order_count, order_capacity;
static uint32_t rows_made;
static uint32_t *spare; /* numbers of rows that became free */
static size_t spare_count;

static struct image_region *row_at(size_t position)
{
	return rowstore_get(&rows, order[position]);
}

/* First position whose region ends above `address`. */
static size_t position_of(uintptr_t address)
{
	size_t low = 0, high = order_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (row_at(middle)->end <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

#define ORDER_FIRST FIRST_SIZE(256, 1)

static bool make_room(void)
{
	size_t capacity = order_capacity ? order_capacity * 2 : ORDER_FIRST;
	uint32_t *order_new, *spare_new;

	if (order_count < order_capacity)
		return true;
	order_new = arena_alloc(capacity * sizeof(*order));
	spare_new = arena_alloc(capacity * sizeof(*spare));
	if (!order_new || !spare_new)
		return false;
	if (order_count)
		__builtin_memcpy(order_new, order, order_count * sizeof(*order));
	if (spare_count)
		__builtin_memcpy(spare_new, spare, spare_count * sizeof(*spare));
	order = order_new;
	spare = spare_new;
	order_capacity = capacity;
	return true;
}

static void insert(size_t position, const struct image_region *region)
{
	struct image_region *row;
	uint32_t number;

	if (!make_room()) {
		image_count_lost(LOST_DROPPED_REGIONS, 1);
		return;
	}
	number = spare_count ? spare[spare_count - 1] : rows_made;
	row = rowstore_make(&rows, number);
	if (!row) {
		image_count_lost(LOST_DROPPED_REGIONS, 1);
		return;
	}
	if (spare_count)
		spare_count--;
	else
		rows_made++;
	*row = (struct image_region){.state = REGION_FREE,
		.site = region->site,
		.start = region->start,
		.end = region->end,
		.prot = region->prot,
		.flags = region->flags,
		.moment = region->moment};
	__atomic_store_n(&row->state, region->state, __ATOMIC_RELEASE);
	__builtin_memmove(
		order + position + 1, order + position, (order_count - position) * sizeof(*order));
	order[position] = number;
	order_count++;
}

static void drop(size_t position)
{
	__atomic_store_n(&row_at(position)->state, REGION_FREE, __ATOMIC_RELEASE);
	spare[spare_count++] = order[position];
	order_count--;
	__builtin_memmove(
		order + position, order + position + 1, (order_count - position) * sizeof(*order));
}

/* What munmap and mremap took out and may have to put back, in no order. */
struct detached {
	uint32_t token;
	/* The rest of the region that it is a part of goes on there. */
	bool below, above;
	struct image_region region;
};

#define DETACHED_FIRST FIRST_SIZE(64, 1)
static SPARSE struct detached first_detached[DETACHED_FIRST];
static struct detached *detached;
static size_t detached_count, detached_capacity;
static uint32_t not_kept_token, not_kept; /* of the last one that did not fit */

static bool make_room_detached(void)
{
	struct detached *larger;

	if (detached_count < detached_capacity)
		return true;
	larger = arena_alloc(detached_capacity * 2 * sizeof(*larger));
	if (!larger)
		return false;
	__builtin_memcpy(larger, detached, detached_count * sizeof(*larger));
	detached = larger;
	detached_capacity *= 2;
	return true;
}

static void keep_detached(
	const struct image_region *region, uintptr_t start, uintptr_t end, uint32_t token)
{
	struct detached *kept;

	if (!make_room_detached()) {
		not_kept_token = token;
		not_kept++;
		return;
	}
	kept = &detached[detached_count++];
	kept->region = *region;
	kept->below = region->start < start;
	kept->above = region->end > end;
	if (kept->below)
		kept->region.start = start;
	if (kept->above)
		kept->region.end = end;
	kept->token = token;
}

static void cut(uintptr_t start, uintptr_t end, uint32_t token)
{
	size_t position = position_of(start);

	while (position < order_count) {
		struct image_region *row = row_at(position);
		struct image_region rest = *row;

		if (row->start >= end)
			break;
		if (token)
			keep_detached(row, start, end, token);
		if (row->start < start && row->end > end) {
			__atomic_store_n(&row->end, start, __ATOMIC_RELEASE);
			rest.start = end;
			insert(position + 1, &rest);
			break;
		}
		if (row->start < start) {
			__atomic_store_n(&row->end, start, __ATOMIC_RELEASE);
			position++;
		} else if (row->end > end) {
			__atomic_store_n(&row->start, end, __ATOMIC_RELEASE);
			break;
		} else {
			drop(position);
		}
	}
}

static void add(const struct image_region *region)
{
	size_t position;

	cut(region->start, region->end, 0);
	position = position_of(region->start);
	/* A break that grows in steps from one place is one region. */
	if (region->state == REGION_BRK && position > 0) {
		struct image_region *below = row_at(position - 1);

		if (below->state == REGION_BRK && below->end == region->start &&
			below->site == region->site) {
			__atomic_store_n(&below->end, region->end, __ATOMIC_RELEASE);
			return;
		}
	}
	insert(position, region);
}

/* Are they of one call, as far as can be told? */
static bool are_alike(const struct image_region *one, const struct image_region *other)
{
	return one->state == other->state && one->site == other->site &&
	       one->moment == other->moment && one->prot == other->prot &&
	       one->flags == other->flags;
}

/* Puts a part back, and joins it with the rest, if that is still there. */
static void reattach(const struct detached *part)
{
	const struct image_region *region = &part->region;
	size_t position;
	struct image_region *below, *above;

	cut(region->start, region->end, 0);
	position = position_of(region->start);
	below = part->below && position > 0 ? row_at(position - 1) : NULL;
	above = part->above && position < order_count ? row_at(position) : NULL;
	if (below && (below->end != region->start || !are_alike(below, region)))
		below = NULL;
	if (above && (above->start != region->end || !are_alike(above, region)))
		above = NULL;
	if (below) {
		uint64_t end = above ? above->end : region->end;

		if (above)
			drop(position);
		__atomic_store_n(&below->end, end, __ATOMIC_RELEASE);
	} else if (above) {
		__atomic_store_n(&above->start, region->start, __ATOMIC_RELEASE);
	} else {
		insert(position, region);
	}
}

static void release_detached(uint32_t token, bool restore)
{
	if (token == not_kept_token && restore)
		image_count_lost(LOST_DROPPED_REGIONS, not_kept);
	if (token == not_kept_token)
		not_kept = not_kept_token = 0;
	for (size_t i = detached_count; i-- > 0;) {
		struct detached part = detached[i];

		if (part.token != token)
			continue;
		detached[i] = detached[--detached_count];
		if (restore)
			reattach(&part);
	}
}

/* ---- the queue: bounded, many producers, drained by whoever holds the map ---- */

enum operation { OP_ADD, OP_DETACH, OP_RESTORE, OP_DISCARD };

struct event {
	/* D. Vyukov's bounded queue: whose turn this cell is, less the cell's own number, so that
	 * zeroed memory is an empty queue. */
	_Atomic uint64_t turn;
	enum operation operation;
	uint32_t token;
	struct image_region region;
};

#define QUEUE_EVENTS 4096
/* So many are waited for. The rest is for signal handlers that interrupted a thread at work, which
 * cannot wait. */
#define QUEUE_FULL (QUEUE_EVENTS - 256)

static struct event *queue; /* NULL: events are only counted */
static _Atomic uint64_t queue_head, queue_tail;
static _Atomic bool map_taken;
static _Atomic uint32_t next_token;

/* Not 0: this thread has a cell of the queue that is not filled yet, or the map. Everybody waits
 * for it, so a signal handler that interrupts it must not wait for anybody: all others may be in
 * such handlers, too, and the next signal comes as soon as one returns. */
static __thread unsigned at_work;

/* Where the queue was stuck when one had waited in vain, plus one: a handler left the work by
 * longjmp, or waits for something itself. Nobody waits again until it has moved. */
static _Atomic uint64_t given_up;

/* This is a child that was forked by a handler which interrupted the work, and may return into it:
 * the parent's map stays until that has ended. */
static bool postponed;

static void begin_work(void)
{
	at_work++;
	atomic_signal_fence(memory_order_seq_cst);
}

bool regions_start(void)
{
	if ((postponed = at_work != 0)) {
		queue = NULL;
		return true;
	}
	rowstore_forget(&rows);
	order = spare = NULL;
	order_count = order_capacity = spare_count = 0;
	rows_made = 0;
	detached = first_detached;
	detached_count = 0;
	detached_capacity = DETACHED_FIRST;
	atomic_store(&queue_head, 0);
	atomic_store(&queue_tail, 0);
	atomic_store(&given_up, 0);
	atomic_store(&map_taken, false);
	queue = arena_alloc(QUEUE_EVENTS * sizeof(*queue));
	return queue != NULL;
}

/* Begins what was postponed. What the parent's work made meanwhile is not this process's. */
static SLOW void start_late(void)
{
	for (uint32_t i = 0; i < rows_made; i++) {
		struct image_region *row = rowstore_get(&rows, i);

		if (row)
			__atomic_store_n(&row->state, REGION_FREE, __ATOMIC_RELEASE);
	}
	regions_start();
}

static void end_work(void)
{
	atomic_signal_fence(memory_order_seq_cst);
	if (--at_work == 0 && unlikely(postponed))
		start_late();
}

static uint64_t turn_of(struct event *cells, uint64_t place)
{
	return atomic_load_explicit(&cells[place % QUEUE_EVENTS].turn, memory_order_acquire) +
	       place % QUEUE_EVENTS;
}

/* The cell at `place` is now for whoever waits for `turn`. */
static void pass_turn(struct event *cells, uint64_t place, uint64_t turn)
{
	atomic_store_explicit(&cells[place % QUEUE_EVENTS].turn, turn - place % QUEUE_EVENTS,
		memory_order_release);
}

static void apply(const struct event *event)
{
	switch (event->operation) {
	case OP_ADD:
		add(&event->region);
		break;
	case OP_DETACH:
		cut(event->region.start, event->region.end, event->token);
		break;
	case OP_RESTORE:
	case OP_DISCARD:
		release_detached(event->token, event->operation == OP_RESTORE);
		break;
	}
}

static bool ready(struct event *cells, uint64_t head)
{
	return turn_of(cells, head) == head + 1;
}

static void drain(void)
{
	struct event *cells;

	begin_work();
	cells = queue; /* a child that returns here has another one */
	/* Whoever queues while the map is taken leaves it to the holder, who looks again after
	 * letting go: no event is left behind. */
	while (cells && ready(cells, atomic_load(&queue_head)) &&
		!atomic_exchange(&map_taken, true)) {
		uint64_t head = atomic_load(&queue_head);

		while (ready(cells, head)) {
			apply(&cells[head % QUEUE_EVENTS]);
			pass_turn(cells, head, head + QUEUE_EVENTS);
			atomic_store(&queue_head, ++head);
		}
		atomic_store(&map_taken, false);
	}
	end_work();
}

/* Takes the next cell, if fewer than `most` are in use. */
static bool claim(struct event *cells, uint64_t most, uint64_t *ret_place)
{
	uint64_t tail = atomic_load(&queue_tail);

	for (;;) {
		uint64_t turn = turn_of(cells, tail);

		if (turn > tail) {
			tail = atomic_load(&queue_tail);
			continue;
		}
		if (turn < tail || tail - atomic_load(&queue_head) >= most)
			return false;
		if (atomic_compare_exchange_weak(&queue_tail, &tail, tail + 1)) {
			*ret_place = tail;
			return true;
		}
	}
}

/* The queue is full. */
static SLOW bool wait_for_room(unsigned n)
{
	uint64_t stuck = atomic_load(&queue_head) + 1;

	if (atomic_load(&given_up) == stuck)
		return false;
	if (patience_long(n))
		return true;
	atomic_store(&given_up, stuck);
	return false;
}

static void enqueue(enum operation operation, const struct image_region *region, uint32_t token)
{
	bool interrupting = at_work != 0;
	uint64_t place, most = interrupting ? QUEUE_EVENTS : QUEUE_FULL;
	struct event *cells, *event;

	for (unsigned tries = 0;; tries++) {
		begin_work();
		cells = queue;
		if (cells && claim(cells, most, &place))
			break;
		end_work();
		/* Help to empty it, or wait for who has the map, or the oldest cell. */
		drain();
		if (!cells || interrupting || !wait_for_room(tries)) {
			image_count_lost(LOST_DROPPED_REGIONS, 1);
			return;
		}
	}
	event = &cells[place % QUEUE_EVENTS];
	event->operation = operation;
	event->token = token;
	if (region)
		event->region = *region;
	pass_turn(cells, place, place + 1);
	end_work();
	drain();
}

/* The kernel rounds lengths up to pages. */
static uintptr_t end_of(uintptr_t start, size_t size)
{
	uintptr_t within = process_page() - 1, end = (start + size + within) & ~within;

	return end < start ? ~within : end;
}

void regions_add(
	enum region_kind kind, uintptr_t start, size_t size, uint32_t site, int prot, int flags)
{
	struct image_region region = {.state = kind,
		.site = site,
		.start = start,
		/* A break may be anywhere; the rest is in pages. */
		.end = kind == REGION_BRK ? start + size : end_of(start, size),
		.prot = (uint32_t)prot,
		.flags = (uint32_t)flags,
		.moment = clock_moment()};

	enqueue(OP_ADD, &region, 0);
}

uint32_t regions_detach(uintptr_t start, size_t size)
{
	struct image_region region = {.start = start, .end = end_of(start, size)};
	uint32_t token;

	do
		token = atomic_fetch_add(&next_token, 1) + 1;
	while (!token);
	enqueue(OP_DETACH, &region, token);
	return token;
}

void regions_restore(uint32_t token)
{
	enqueue(OP_RESTORE, NULL, token);
}

void regions_discard(uint32_t token)
{
	enqueue(OP_DISCARD, NULL, token);
}

void regions_each(void (*visit)(void *context, const struct image_region *region), void *context)
{
	drain();
	for (uint32_t i = 0; i < rows_made; i++) {
		const struct image_region *row = rowstore_get(&rows, i);

		if (row && row->state != REGION_FREE)
			visit(context, row);
	}
}

static void count_program(void *count, const struct image_region *region)
{
	*(size_t *)count += region->state != REGION_ALLOCATOR;
}

size_t regions_live(void)
{
	size_t count = 0;

	regions_each(count_program, &count);
	return count;
}

size_t regions_size_at(uintptr_t start)
{
	/* Rows are looked at without the map: shmdt is rare, and a row that changes meanwhile
	 * belongs to another address. */
	for (uint32_t i = 0; i < rows_made; i++) {
		const struct image_region *row = rowstore_get(&rows, i);

		if (row && row->state == REGION_SHM && row->start == start)
			return row->end - row->start;
	}
	return 0;
}
