/* Thread slots, site rows and their index, see threads.h. */
#include <errno.h>
#include <sys/prctl.h>

#include "preload/threads.h"
#include "preload/arena.h"
#include "preload/faults.h"
#include "preload/image.h"
#include "preload/sandbox.h"
#include "preload/text.h"

#define ROWS_PER_CHUNK 63 /* of 128 bytes: two pages */
#define THREADS_MAX 65536u
#define MAX_CHUNKS (THREADS_MAX / ROWS_PER_CHUNK + 1)

#define CACHE_FRAMES FIRST_SIZE(512u, 4u)
#define LANE_FRAMES                                                                                \
	FIRST_SIZE(4096u, 4u) /* at first; address space, touched as deep as stacks are */

__thread struct thread_local_state tls;

static SPARSE struct chunk_header *_Atomic chunks[MAX_CHUNKS];
static struct rowstore rows = {.type = CHUNK_THREADS,
	.row_size = sizeof(struct image_thread),
	.rows_per_chunk = ROWS_PER_CHUNK,
	.max_chunks = MAX_CHUNKS,
	.chunks = chunks};

/* The slots, scanned when a thread starts; one changes hands by compare-and-swap of its owner. */
struct slot {
	_Atomic uintptr_t owner; /* control block's address, 0: not there yet */
	struct thread *state;
};

/* The first ones lie among what every process touches. */
#define FIRST_SLOTS 32
static struct slot first_slots[FIRST_SLOTS];
static SPARSE struct slot more_slots[THREADS_MAX - FIRST_SLOTS];
static _Atomic uint32_t slots;
static uint32_t sweep_at;
static uintptr_t main_tcb, main_stack_end;

#define INDEX_FIRST FIRST_SIZE(256, 2)

static struct slot *slot_at(uint32_t i)
{
	return i < FIRST_SLOTS ? &first_slots[i] : &more_slots[i - FIRST_SLOTS];
}

static struct site_index *make_index(uint64_t buckets)
{
	struct site_index *index = arena_alloc_dense(sizeof(*index) + buckets * sizeof(uint64_t));

	if (index)
		index->mask = buckets - 1;
	return index;
}

void threads_start(uintptr_t stack_end)
{
	uint32_t used = atomic_exchange(&slots, 0);

	rowstore_forget(&rows);
	for (uint32_t i = 0; i < used && i < THREADS_MAX; i++)
		*slot_at(i) = (struct slot){0};
	sweep_at = 64;
	if (!main_tcb)
		main_tcb = arch_thread_pointer();
	main_stack_end = stack_end;
	image->own_tls_distance = arch_thread_pointer() - (uintptr_t)&tls;
	image->own_tls_bytes = sizeof(tls);
	tls.self = NULL;
	tls.ready = THREAD_ASK;
}

struct thread *thread_idle(void)
{
	return tls.disabled || tls.in_backend || tls.confined ? THREAD_ASK : tls.self;
}

/* What an event asks has changed. One that is under way goes on. */
static void set_idle(void)
{
	if (tls.ready != THREAD_BUSY)
		tls.ready = thread_idle();
}

void thread_disable(int how_much)
{
	if (how_much > 0 || tls.disabled)
		tls.disabled += (uint32_t)how_much;
	set_idle();
}

void thread_confine(bool confined)
{
	tls.confined = confined;
	set_idle();
}

void thread_in_backend(bool inside)
{
	tls.in_backend = inside;
	set_idle();
}

/* As the kernel has it; none in a sandbox, which may kill for the question. */
static void read_name(struct image_thread *totals)
{
	if (sandbox_entered() || sys_failed(sys_call2(SYS_prctl, PR_GET_NAME, totals->name)))
		totals->name[0] = '\0';
}

static void take_over(struct thread *self, uintptr_t tcb)
{
	struct image_thread *totals = self->totals;

	atomic_store(&self->nested, 0);
	walk_forget(&self->cache);
	self->stack_high = tcb == main_tcb ? main_stack_end : tcb;
	totals->tcb = tcb;
	totals->tid = sys_gettid();
	totals->threads++;
	read_name(totals);
}

/* An owner with this bit is a claim: its thread is still writing the slot's tid and the rest. */
#define CLAIMED 1u

/* Makes a slot ours if `owner` still holds it. Several may want it: a thread that starts at the
 * address of a dead one, and others that look for the dead. */
static bool claim(struct slot *slot, uintptr_t owner, uintptr_t tcb)
{
	return !(owner & CLAIMED) &&
	       atomic_compare_exchange_strong(&slot->owner, &owner, tcb | CLAIMED);
}

/* Threads that are gone for good, their stacks unmapped: their slots can be reused. */
static SLOW struct slot *sweep(uintptr_t tcb, uint32_t used)
{
	struct slot *found = NULL;
	int pid = sys_getpid();
	uint32_t alive = 0;

	for (uint32_t i = 0; i < used; i++) {
		struct slot *slot = slot_at(i);
		uintptr_t owner = atomic_load(&slot->owner);
		struct thread *state = slot->state;

		if (!state || !owner)
			continue;
		if (owner & CLAIMED || sys_call3(SYS_tgkill, pid, state->totals->tid, 0) != -ESRCH)
			alive++;
		else if (!found && claim(slot, owner, tcb))
			found = slot;
	}
	sweep_at = alive * 2 < 64 ? 64 : alive * 2;
	return found;
}

static SLOW struct slot *make(uintptr_t tcb)
{
	uint32_t number = atomic_fetch_add(&slots, 1);
	struct thread *self;

	if (number >= THREADS_MAX)
		return NULL;
	self = arena_alloc(sizeof(*self));
	if (!self || !(self->totals = rowstore_make(&rows, number)) ||
		!(self->index = make_index(INDEX_FIRST)))
		return NULL;
	self->number = number;
	if (!thread_grow_lane(self, 0, LANE_FRAMES) || !thread_grow_cache(self, CACHE_FRAMES) ||
		!walk_more_tips(&self->cache))
		return NULL;
	slot_at(number)->state = self;
	atomic_store(&slot_at(number)->owner, tcb | CLAIMED);
	return slot_at(number);
}

/* The slot whose thread had this control block, and so is dead. */
static struct slot *inherit(uintptr_t tcb, uint32_t used)
{
	for (uint32_t i = 0; i < used; i++) {
		struct slot *slot = slot_at(i);

		if (atomic_load_explicit(&slot->owner, memory_order_acquire) == tcb &&
			claim(slot, tcb, tcb))
			return slot;
	}
	return NULL;
}

SLOW struct thread *thread_attach(void)
{
	uintptr_t tcb = arch_thread_pointer();
	uint32_t used = atomic_load(&slots);
	struct slot *slot;

	if (tls.confined)
		return NULL;
	if (used > THREADS_MAX)
		used = THREADS_MAX;
	slot = inherit(tcb, used);
	if (!slot && used >= sweep_at)
		slot = sweep(tcb, used);
	if (!slot)
		slot = make(tcb);
	if (!slot)
		return NULL;
	take_over(slot->state, tcb);
	__atomic_store_n(&slot->state->totals->state, 1, __ATOMIC_RELEASE);
	atomic_store(&slot->owner, tcb);
	tls.self = slot->state;
	set_idle();
	return slot->state;
}

void thread_set_name(const char *name)
{
	struct thread *self = thread_self();

	if (!self)
		return;
	if (name) {
		struct text t = text_in(self->totals->name, IMAGE_NAME_MAX);

		text_add(&t, name);
	} else {
		read_name(self->totals);
	}
}

bool thread_grow_lane(struct thread *self, unsigned lane, uint32_t limit)
{
	uint32_t capacity = self->capacity[lane] ? self->capacity[lane] * 4 : LANE_FRAMES;
	uint64_t *frames;

	if (capacity > limit)
		capacity = limit;
	frames = arena_alloc(capacity * sizeof(*frames));
	if (!frames)
		return false;
	/* The smaller buffer stays: a signal handler may have interrupted a walk that fills it. */
	self->frames[lane] = frames;
	self->capacity[lane] = capacity;
	return true;
}

bool thread_grow_cache(struct thread *self, uint32_t limit)
{
	uint32_t capacity = self->cache.capacity ? self->cache.capacity * 4 : CACHE_FRAMES;

	if (capacity > limit)
		capacity = limit;
	return capacity > self->cache.capacity && walk_resize(&self->cache, capacity);
}

/* One bucket stays empty, or a look-up in vain would not end: a signal handler may have filled the
 * others since there was room. The row that is left out is made once more when its site is met. */
static void index_insert(struct site_index *index, uint64_t hash, const struct image_site *row)
{
	if (atomic_fetch_add_explicit(&index->used, 1, memory_order_relaxed) >= index->mask) {
		atomic_fetch_sub_explicit(&index->used, 1, memory_order_relaxed);
		return;
	}
	for (uint64_t i = hash;; i++) {
		uint64_t none = 0;

		if (atomic_compare_exchange_strong(&index->buckets[i & index->mask], &none,
			    BUCKET_TAG(hash) | (uintptr_t)row))
			return;
	}
}

/* A row that a signal handler inserts into the old index meanwhile is made once more later: the
 * same site may have two rows, and a reader adds them up. */
static SLOW bool grow_index(struct thread *self)
{
	struct site_index *old = self->index, *fresh = make_index((old->mask + 1) * 4);

	if (!fresh)
		return false;
	for (uint64_t i = 0; i <= old->mask; i++) {
		uint64_t bucket = atomic_load_explicit(&old->buckets[i], memory_order_relaxed);

		if (bucket)
			index_insert(fresh, BUCKET_ROW(bucket)->hash, BUCKET_ROW(bucket));
	}
	self->index = fresh;
	return true;
}

/* A fresh row. chunk->reserved counts those taken. */
static struct image_site *take_row(struct thread *self)
{
	struct chunk_header *chunk, *fresh;
	uint64_t size;

	for (;;) {
		chunk = atomic_load_explicit(&self->sites, memory_order_acquire);
		if (chunk) {
			uint64_t i = __atomic_fetch_add(&chunk->reserved, 1, __ATOMIC_RELAXED);

			if (i < chunk->rows)
				return (struct image_site *)(chunk + 1) + i;
		}
		/* One page at first, then four times the last, up to 256 KiB. */
		size = chunk ? chunk->size * 4 : IMAGE_PAGE;
		if (size > 64 * IMAGE_PAGE)
			size = 64 * IMAGE_PAGE;
		fresh = image_chunk(size - sizeof(*fresh), sizeof(*fresh));
		if (!fresh)
			return NULL;
		image_publish(fresh, CHUNK_SITES, self->number, 0,
			(size - sizeof(*fresh)) / sizeof(struct image_site));
		if (atomic_compare_exchange_strong(&self->sites, &chunk, fresh))
			self->totals->sites_chunks++;
	}
}

SLOW struct image_site *thread_add_site(struct thread *self, uint64_t hash, uint32_t site)
{
	struct image_site *row;

	if (atomic_load(&self->index->used) * 2 > self->index->mask && !grow_index(self) &&
		atomic_load(&self->index->used) * 8 > self->index->mask * 7)
		return NULL;
	row = take_row(self);
	if (!row)
		return NULL;
	row->hash = hash;
	__atomic_store_n(&row->site, site, __ATOMIC_RELEASE);
	index_insert(self->index, hash, row);
	return row;
}

void threads_each(void (*visit)(void *context, uintptr_t tcb, int tid), void *context)
{
	uint32_t used = atomic_load(&slots);

	for (uint32_t i = 0; i < used && i < THREADS_MAX; i++) {
		const struct image_thread *t = rowstore_get(&rows, i);

		if (t && t->state)
			visit(context, t->tcb, t->tid);
	}
}

void threads_sum(struct image_thread *ret)
{
	uint32_t used = atomic_load(&slots);

	*ret = (struct image_thread){0};
	for (uint32_t i = 0; i < used && i < THREADS_MAX; i++) {
		const struct image_thread *t = rowstore_get(&rows, i);

		if (!t || !t->state)
			continue;
		ret->allocs += t->allocs;
		ret->alloc_bytes += t->alloc_bytes;
		ret->frees += t->frees;
		ret->free_bytes += t->free_bytes;
		ret->threads += t->threads;
	}
}
