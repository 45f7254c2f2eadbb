/*
 * Random operations of the whole allocating family, in many threads, against a shadow model:
 *
 *	model LOG
 *
 * LOG is a struct model_log whose knobs are set. Workers allocate, reallocate and free through
 *random call paths, hand blocks to each other through a lock-free ring, and map, overlay, remap and
 *unmap pages. Signal handlers allocate, too; children are forked, libraries come and go, threads
 *end and others take their place, as the knobs say. Every block has contents that are checked. What
 *is left at the end stands in the log, and must be in the image (model_harness.c).
 *
 * A handler may allocate while it interrupts anything only with an allocator made for that
 * (safe_malloc.c, `safe` is set). With others it does so unless its thread is in the allocator.
 *
 * Where `other` is set, the allocator is not like glibc's: blocks of at most 8 bytes are aligned to
 * 8, all have an odd size (jemalloc does not align empty ones, mimalloc not all whose size is a
 * power of two), there may be no pvalloc, who gives back by alignment must know which was asked for,
 * and what is refused need not set errno.
 */
#define _GNU_SOURCE
#include "model_log.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096ul

static struct model_log *told;

static _Noreturn __attribute__((format(printf, 1, 2))) void wrong(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(told->wrong, sizeof(told->wrong), format, arguments);
	va_end(arguments);
	_exit(99);
}

static uint64_t next_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 2685821657736338717ull >> 16;
}

/* ---- the C++ functions, by their mangled names: no frame of ours may be one of C++'s ---- */

void *new_plain(size_t) __asm__("_Znwm");
void *new_array(size_t) __asm__("_Znam");
void *new_nothrow(size_t, const void *) __asm__("_ZnwmRKSt9nothrow_t");
void *new_array_nothrow(size_t, const void *) __asm__("_ZnamRKSt9nothrow_t");
void *new_aligned(size_t, size_t) __asm__("_ZnwmSt11align_val_t");
void *new_array_aligned_nothrow(size_t, size_t, const void *) __asm__(
	"_ZnamSt11align_val_tRKSt9nothrow_t");
void delete_plain(void *) __asm__("_ZdlPv");
void delete_sized(void *, size_t) __asm__("_ZdlPvm");
void delete_array(void *) __asm__("_ZdaPv");
void delete_array_sized(void *, size_t) __asm__("_ZdaPvm");
void delete_nothrow(void *, const void *) __asm__("_ZdlPvRKSt9nothrow_t");
void delete_array_nothrow(void *, const void *) __asm__("_ZdaPvRKSt9nothrow_t");
void delete_aligned(void *, size_t) __asm__("_ZdlPvSt11align_val_t");
void delete_sized_aligned(void *, size_t, size_t) __asm__("_ZdlPvmSt11align_val_t");
void delete_array_aligned(void *, size_t) __asm__("_ZdaPvSt11align_val_t");
void delete_array_sized_aligned(void *, size_t, size_t) __asm__("_ZdaPvmSt11align_val_t");
extern const char nothrow __asm__("_ZSt7nothrow");

/* ---- the call sites: each function has one call, which is not its last act ---- */

struct job {
	uint32_t stack;
	uint32_t left; /* routes yet to take */
	void *block;   /* to be reallocated */
	size_t size;
	size_t align;
};

#define CODE __attribute__((noinline, noclone, section("model_code")))
#define SITE(name, call)                                                                           \
	CODE static void *name(struct job *job)                                                    \
	{                                                                                          \
		void *made = call;                                                                 \
		__asm__ volatile("" : "+r"(made) : "r"(name));                                     \
		return made;                                                                       \
	}

static void *posix_aligned(void *block, int error)
{
	if (error)
		errno = error;
	return error ? NULL : block;
}

SITE(model_malloc, malloc(job->size))
SITE(model_malloc_other, malloc(job->size))
SITE(model_calloc, calloc(1, job->size))
SITE(model_calloc_bytes, calloc(job->size, 1))
SITE(model_realloc_null, realloc(job->block, job->size)) /* of NULL */
SITE(model_reallocarray_null, reallocarray(job->block, job->size, 1))
CODE static void *model_posix_memalign(struct job *job)
{
	int error = posix_memalign(&job->block, job->align, job->size);

	return posix_aligned(job->block, error);
}
SITE(model_memalign, memalign(job->align, job->size))
SITE(model_aligned_alloc, aligned_alloc(job->align, job->size))
SITE(model_valloc, valloc(job->size))
SITE(model_pvalloc, pvalloc(job->size))
SITE(model_new, new_plain(job->size))
SITE(model_new_array, new_array(job->size))
SITE(model_new_nothrow, new_nothrow(job->size, &nothrow))
SITE(model_new_array_nothrow, new_array_nothrow(job->size, &nothrow))
SITE(model_new_aligned, new_aligned(job->size, job->align))
SITE(model_new_array_aligned_nothrow, new_array_aligned_nothrow(job->size, job->align, &nothrow))
SITE(model_realloc, realloc(job->block, job->size))
SITE(model_realloc_other, realloc(job->block, job->size))
SITE(model_reallocarray, reallocarray(job->block, 1, job->size))

static void *(*const sites[MODEL_SITES])(struct job *) = {
	[SITE_MALLOC] = model_malloc,
	[SITE_MALLOC_OTHER] = model_malloc_other,
	[SITE_CALLOC] = model_calloc,
	[SITE_CALLOC_BYTES] = model_calloc_bytes,
	[SITE_REALLOC_NULL] = model_realloc_null,
	[SITE_REALLOCARRAY_NULL] = model_reallocarray_null,
	[SITE_POSIX_MEMALIGN] = model_posix_memalign,
	[SITE_MEMALIGN] = model_memalign,
	[SITE_ALIGNED_ALLOC] = model_aligned_alloc,
	[SITE_VALLOC] = model_valloc,
	[SITE_PVALLOC] = model_pvalloc,
	[SITE_NEW] = model_new,
	[SITE_NEW_ARRAY] = model_new_array,
	[SITE_NEW_NOTHROW] = model_new_nothrow,
	[SITE_NEW_ARRAY_NOTHROW] = model_new_array_nothrow,
	[SITE_NEW_ALIGNED] = model_new_aligned,
	[SITE_NEW_ARRAY_ALIGNED_NOTHROW] = model_new_array_aligned_nothrow,
	[SITE_REALLOC] = model_realloc,
	[SITE_REALLOC_OTHER] = model_realloc_other,
	[SITE_REALLOCARRAY] = model_reallocarray,
};

/* Who must release what a site made. */
enum release { BY_FREE, BY_DELETE, BY_DELETE_ARRAY, BY_ALIGNED_DELETE, BY_ALIGNED_DELETE_ARRAY };

static enum release release_of(uint32_t site)
{
	switch (site) {
	case SITE_NEW:
	case SITE_NEW_NOTHROW:
		return BY_DELETE;
	case SITE_NEW_ARRAY:
	case SITE_NEW_ARRAY_NOTHROW:
		return BY_DELETE_ARRAY;
	case SITE_NEW_ALIGNED:
		return BY_ALIGNED_DELETE;
	case SITE_NEW_ARRAY_ALIGNED_NOTHROW:
		return BY_ALIGNED_DELETE_ARRAY;
	default:
		return BY_FREE;
	}
}

static bool may_throw(uint32_t site)
{
	return site == SITE_NEW || site == SITE_NEW_ARRAY || site == SITE_NEW_ALIGNED;
}

static void *(*const routes[MODEL_ROUTES])(struct job *);

static inline __attribute__((always_inline)) void *go_on(struct job *job)
{
	uint32_t taken = CALL_DEPTH(job->stack) - job->left;

	if (job->left == 0)
		return sites[CALL_SITE(job->stack)](job);
	job->left--;
	return routes[CALL_ROUTE(job->stack, taken)](job);
}

#define ROUTE(number) SITE(route_##number, go_on(job))
ROUTE(0)
ROUTE(1)
ROUTE(2)
ROUTE(3)
ROUTE(4)
ROUTE(5)
ROUTE(6)
ROUTE(7)

static void *(*const routes[MODEL_ROUTES])(struct job *) = {
	route_0, route_1, route_2, route_3, route_4, route_5, route_6, route_7};

/* ---- blocks and their contents ---- */

/* The thread is in the allocator: a handler that interrupts it may not be. */
static __thread volatile sig_atomic_t in_allocator;
static __thread struct worker *self_worker; /* of a worker's thread */

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

static void fill_block(const struct model_block *block)
{
	uint8_t *bytes = (uint8_t *)block->address;

	for (size_t i = 0; i < block->size; i = next_checked(i, block->size))
		bytes[i] = fill_byte(block->fill, i);
}

/* `size`: so much of it was kept. */
static void check_block(const struct model_block *block, const void *at, size_t size)
{
	const uint8_t *bytes = at;

	for (size_t i = 0; i < size; i = next_checked(i, block->size))
		if (bytes[i] != fill_byte(block->fill, i))
			wrong("block %p, %zu bytes, stack %#x: byte %zu is damaged", at,
				(size_t)block->size, block->stack, i);
}

static void check_zero(const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size; i = next_checked(i, size))
		if (bytes[i])
			wrong("calloc's block %p, %zu bytes: byte %zu is not zero", bytes, size, i);
}

static bool is_zeroed(uint32_t site)
{
	return site == SITE_CALLOC || site == SITE_CALLOC_BYTES;
}

static size_t align_of(uint32_t site, const struct job *job)
{
	switch (site) {
	case SITE_POSIX_MEMALIGN:
	case SITE_MEMALIGN:
	case SITE_ALIGNED_ALLOC:
	case SITE_NEW_ALIGNED:
	case SITE_NEW_ARRAY_ALIGNED_NOTHROW:
		return job->align;
	case SITE_VALLOC:
	case SITE_PVALLOC:
		return PAGE;
	default:
		return told->other && job->size <= 8 ? 8 : 16;
	}
}

static size_t random_size(uint64_t *random)
{
	uint64_t choice = next_random(random) % 1000, size = next_random(random);

	if (choice < told->large)
		return (128u << 10) + size % (2u << 20);
	if (choice < told->large + 20)
		return 0;
	if (choice < told->large + 100)
		return 500 + size % (16u << 10);
	return 1 + size % 520;
}

static struct job random_job(uint64_t *random, bool resize)
{
	uint64_t choice = next_random(random);
	uint32_t site, depth = choice >> 8 & 7, path = choice >> 16 & 0x3ffff;
	size_t size;

	do
		site = resize ? MODEL_MAKERS + next_random(random) % (MODEL_SITES - MODEL_MAKERS)
			      : next_random(random) % MODEL_MAKERS;
	while ((told->limited && may_throw(site)) || (told->other && site == SITE_PVALLOC));
	depth %= told->depth + 1;
	size = random_size(random);
	return (struct job){.stack = MODEL_STACK(site, depth, path & ((1u << 3 * depth) - 1)),
		.left = depth,
		.size = told->other ? size | 1 : size,
		.align = 16ul << next_random(random) % 9};
}

/* What an allocation left in *block: another one, or what was there. `made` is its result. */
static inline __attribute__((always_inline)) void note(
	struct model_block *block, const struct job *job, void *made, uint32_t root, uint64_t fill)
{
	uint32_t site = CALL_SITE(job->stack);
	bool resize = site >= MODEL_MAKERS;

	if (!made && resize && job->size == 0) { /* glibc: it was a free */
		block->address = 0;
		return;
	}
	if (!made) {
		atomic_fetch_add(&told->failed, 1);
		return;
	}
	if ((uintptr_t)made % align_of(site, job))
		wrong("%p of site %u, %zu bytes, is not aligned to %zu", made, site, job->size,
			align_of(site, job));
	if (resize)
		check_block(block, made, block->size < job->size ? block->size : job->size);
	else if (is_zeroed(site))
		check_zero(made, job->size);
	*block = (struct model_block){.address = (uintptr_t)made,
		.size = job->size,
		.fill = fill,
		.stack = job->stack,
		.root = root,
		.align = (uint32_t)job->align};
	fill_block(block);
}

/* Makes *block a block, or another one: in a worker, in a handler, in a child. One function each,
 * so that the stack tells. */
#define ACT(name, root)                                                                            \
	CODE static void name(struct model_block *block, uint64_t *random)                         \
	{                                                                                          \
		struct job job = random_job(random, block->address != 0);                          \
		uint64_t fill = next_random(random);                                               \
		void *made;                                                                        \
                                                                                                   \
		job.block = (void *)block->address;                                                \
		in_allocator++;                                                                    \
		made = go_on(&job);                                                                \
		in_allocator--;                                                                    \
		note(block, &job, made, root, fill);                                               \
	}

ACT(act, IN_ACT)
ACT(act_in_handler, IN_HANDLER)
ACT(act_in_child, IN_CHILD)

/* Gives a block back, in one of the ways that are right for it. */
static void release(struct model_block *block, uint64_t *random)
{
	void *at = (void *)block->address;
	size_t size = block->size, align;
	uint64_t choice = next_random(random) % 3;

	check_block(block, at, size);
	block->address = 0;
	/* The alignment that it was asked for with need not be the one that it is given back with
	 * under glibc, but it must be one that it has. */
	align = (uintptr_t)at & -(uintptr_t)at;
	if (told->other)
		align = block->align;
	else if (align > 4096)
		align = 4096;
	in_allocator++;
	switch (release_of(CALL_SITE(block->stack))) {
	case BY_FREE:
		free(at);
		break;
	case BY_DELETE:
		if (choice == 0)
			delete_plain(at);
		else if (choice == 1)
			delete_sized(at, size);
		else
			delete_nothrow(at, &nothrow);
		break;
	case BY_DELETE_ARRAY:
		if (choice == 0)
			delete_array(at);
		else if (choice == 1)
			delete_array_sized(at, size);
		else
			delete_array_nothrow(at, &nothrow);
		break;
	case BY_ALIGNED_DELETE:
		if (choice == 0)
			delete_aligned(at, align);
		else
			delete_sized_aligned(at, size, align);
		break;
	case BY_ALIGNED_DELETE_ARRAY:
		if (choice == 0)
			delete_array_aligned(at, align);
		else
			delete_array_sized_aligned(at, size, align);
		break;
	}
	in_allocator--;
}

static bool can_resize(const struct model_block *block)
{
	return release_of(CALL_SITE(block->stack)) == BY_FREE;
}

/* What every allocator refuses, with the errno that says so. */
static void be_refused(struct model_block *block, uint64_t *random)
{
	volatile size_t huge = (size_t)PTRDIFF_MAX + 1 + next_random(random) % 4096;
	void *volatile got = NULL;
	void *place = block;

	in_allocator++;
	errno = 0;
	switch (next_random(random) % 4) {
	case 0:
		got = malloc(huge);
		break;
	case 1:
		got = calloc(2, huge / 2 + PAGE);
		break;
	case 2:
		if (block->address && can_resize(block))
			got = realloc((void *)block->address, huge);
		else
			got = malloc(huge);
		break;
	default:
		errno = posix_memalign(&place, 64, huge);
		if (place != block)
			wrong("a failed posix_memalign changed its pointer");
	}
	in_allocator--;
	if (got || (errno != ENOMEM && !told->other))
		wrong("%zu bytes were not refused: %p, errno %d", huge, got, errno);
	atomic_fetch_add(&told->refused, 1);
}

/* ---- mapped pages ---- */

struct worker {
	pthread_t thread;
	bool runs;
	uint32_t number;
	uint64_t random, handler_random;
	uint32_t entries[MODEL_BLOCKS_EACH]; /* numbers of the blocks that this thread may touch */
	uint32_t count;
};

#define PAGES_AT_ONCE 12

static struct model_page *page_at(struct model_page *pages, uint64_t address)
{
	for (uint32_t i = 0; i < MODEL_PAGES_EACH; i++)
		if (pages[i].address == address && address)
			return &pages[i];
	return NULL;
}

static uint32_t free_pages(const struct model_page *pages)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < MODEL_PAGES_EACH; i++)
		count += pages[i].address == 0;
	return count;
}

/* Pages next to each other from this one on, at most `limit`. */
static uint32_t run_from(struct model_page *pages, uint64_t address, uint32_t limit)
{
	uint32_t count = 0;

	while (count < limit && page_at(pages, address + count * PAGE))
		count++;
	return count;
}

static void forget_pages(struct model_page *pages, uint64_t address, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		page_at(pages, address + i * PAGE)->address = 0;
}

/* What is in a page: by its address when it was mapped, so not when it moves. */
static void write_pages(char *at, uint32_t count, uint32_t worker)
{
	for (uint32_t i = 0; i < count; i++)
		*(uint32_t *)(at + i * PAGE + 8) = 0xabcd0000u + worker;
}

static void check_pages(const char *at, uint32_t count, uint32_t worker)
{
	for (uint32_t i = 0; i < count; i++)
		if (*(const uint32_t *)(at + i * PAGE + 8) != 0xabcd0000u + worker)
			wrong("page %p of worker %u is damaged", at + i * PAGE, worker);
}

static void note_pages(struct worker *self, char *at, uint32_t count, uint32_t function)
{
	struct model_page *pages = told->pages_mapped[self->number];
	uint64_t call = atomic_fetch_add(&told->calls, 1);
	uint32_t i = 0;

	for (uint32_t n = 0; n < count; i++) {
		if (pages[i].address)
			continue;
		pages[i] = (struct model_page){
			.address = (uintptr_t)at + n++ * PAGE, .call = call, .function = function};
	}
	write_pages(at, count, self->number);
}

CODE static void map_pages(struct worker *self, uint32_t count)
{
	char *at = mmap(
		NULL, count * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at != MAP_FAILED)
		note_pages(self, at, count, IN_MAP);
}

CODE static void map_over(struct worker *self, uint64_t address, uint32_t count)
{
	char *at = mmap((void *)address, count * PAGE, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

	if (at == MAP_FAILED)
		return;
	forget_pages(told->pages_mapped[self->number], address, count);
	note_pages(self, at, count, IN_MAP_OVER);
}

/* It fails where the pages are more than one mapping to the kernel, and then nothing has changed.
 */
CODE static void remap(
	struct worker *self, uint64_t address, uint32_t count, uint32_t wanted, int flags)
{
	char *at = mremap((void *)address, count * PAGE, wanted * PAGE, flags);

	if (at == MAP_FAILED)
		return;
	check_pages(at, count < wanted ? count : wanted, self->number);
	forget_pages(told->pages_mapped[self->number], address, count);
	note_pages(self, at, wanted, IN_REMAP);
}

static void unmap(struct worker *self, uint64_t address, uint32_t count)
{
	if (munmap((void *)address, count * PAGE) == 0)
		forget_pages(told->pages_mapped[self->number], address, count);
}

static void page_step(struct worker *self)
{
	struct model_page *pages = told->pages_mapped[self->number];
	uint64_t choice = next_random(&self->random);
	uint32_t wanted = 1 + choice % PAGES_AT_ONCE, room = free_pages(pages), count;
	uint64_t address = pages[choice >> 8 & (MODEL_PAGES_EACH - 1)].address;

	count = address ? run_from(pages, address, 1 + (choice >> 20) % PAGES_AT_ONCE) : 0;
	if (count)
		check_pages((char *)address, count, self->number);
	if (!count || choice >> 32 & 1) {
		if (!count && room >= wanted)
			map_pages(self, wanted);
		else if (count)
			unmap(self, address, count);
	} else if (choice >> 33 & 1) {
		map_over(self, address, count);
	} else if (room >= wanted) {
		remap(self, address, count, wanted, choice >> 34 & 1 ? MREMAP_MAYMOVE : 0);
	}
}

/* ---- blocks on their way to another thread: D. Vyukov's bounded queue ---- */

#define RING 256

static struct {
	_Atomic uint64_t turn;
	uint32_t value;
} ring[RING];
static _Atomic uint64_t ring_head, ring_tail;

static bool ring_put(uint32_t value)
{
	uint64_t tail = atomic_load(&ring_tail);

	for (;;) {
		uint64_t turn = atomic_load(&ring[tail % RING].turn);

		if (turn < tail)
			return false;
		if (turn == tail && atomic_compare_exchange_weak(&ring_tail, &tail, tail + 1))
			break;
		if (turn > tail)
			tail = atomic_load(&ring_tail);
	}
	ring[tail % RING].value = value;
	atomic_store(&ring[tail % RING].turn, tail + 1);
	return true;
}

static bool ring_get(uint32_t *ret)
{
	uint64_t head = atomic_load(&ring_head);

	for (;;) {
		uint64_t turn = atomic_load(&ring[head % RING].turn);

		if (turn < head + 1)
			return false;
		if (turn == head + 1 && atomic_compare_exchange_weak(&ring_head, &head, head + 1))
			break;
		if (turn > head + 1)
			head = atomic_load(&ring_head);
	}
	*ret = ring[head % RING].value;
	atomic_store(&ring[head % RING].turn, head + RING);
	return true;
}

static void hand_over(struct worker *self, uint32_t place)
{
	uint32_t got;

	if (self->count > 1 && ring_put(self->entries[place]))
		self->entries[place] = self->entries[--self->count];
	if (self->count < MODEL_BLOCKS_EACH && ring_get(&got))
		self->entries[self->count++] = got;
}

/* ---- signals ---- */

#define PAGES_IN_HANDLER 2

static void interrupted(int number)
{
	struct worker *self = self_worker;
	struct model_block *block;
	int saved = errno;
	void *pages;

	(void)number;
	if (!self)
		return;
	pages = mmap(NULL, PAGES_IN_HANDLER * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (pages != MAP_FAILED)
		munmap(pages, PAGES_IN_HANDLER * PAGE);
	if (told->safe || !in_allocator) {
		block = &told->handler_blocks[self->number][next_random(&self->handler_random) %
							    MODEL_HANDLER_EACH];
		if (block->address &&
			(!can_resize(block) || next_random(&self->handler_random) & 1))
			release(block, &self->handler_random);
		else
			act_in_handler(block, &self->handler_random);
	}
	atomic_fetch_add(&told->handled, 1);
	errno = saved;
}

static void start_signals(void)
{
	struct sigaction action = {.sa_handler = interrupted, .sa_flags = SA_RESTART};
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGPROF};
	struct itimerspec every = {.it_interval.tv_nsec = 1000000000 / told->signals};
	timer_t timer;

	every.it_value = every.it_interval;
	sigaction(SIGPROF, &action, NULL);
	if (timer_create(CLOCK_MONOTONIC, &event, &timer) || timer_settime(timer, 0, &every, NULL))
		wrong("no timer: %s", strerror(errno));
}

static void block_signals(int how)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGPROF);
	pthread_sigmask(how, &set, NULL);
}

/* ---- forked children ---- */

#define CHILD_BLOCKS 24

/* Its own blocks, and some of those that it inherited, which it may free as its parent could. The
 * parent's thread waits meanwhile; the log is shared and stays as it is. */
static _Noreturn void be_child(struct worker *self, struct model_child *told_child, uint32_t number)
{
	struct model_block blocks[CHILD_BLOCKS] = {{0}};
	uint64_t random = self->random ^ number;

	told_child->pid = getpid();
	for (uint32_t i = 0; i < 200; i++) {
		struct model_block *block = &blocks[next_random(&random) % CHILD_BLOCKS];

		if (block->address && (!can_resize(block) || next_random(&random) & 1))
			release(block, &random);
		else
			act_in_child(block, &random);
	}
	for (uint32_t i = 0; i < self->count; i += 3) {
		struct model_block inherited = told->blocks[self->entries[i]];

		if (!inherited.address)
			continue;
		release(&inherited, &random);
		told_child->inherited_frees++;
	}
	for (uint32_t i = 0; i < CHILD_BLOCKS; i++) {
		if (!blocks[i].address)
			continue;
		check_block(&blocks[i], (void *)blocks[i].address, blocks[i].size);
		told_child->blocks++;
		told_child->bytes += blocks[i].size;
	}
	told_child->done = 1;
	/* Not while another thread may have held the list of what exit calls, as dlclose does. */
	if (number % 3 == 0 && !told->plugins)
		exit(0);
	if (number % 3 == 1)
		_exit(0);
	kill(getpid(), SIGKILL);
	_exit(1);
}

static void fork_child(struct worker *self)
{
	uint32_t number = atomic_fetch_add(&told->children_made, 1);
	int status, ret;
	pid_t pid;

	if (number >= told->forks || number >= MODEL_CHILDREN) {
		atomic_fetch_sub(&told->children_made, 1);
		return;
	}
	in_allocator++;
	pid = fork();
	if (pid == 0)
		be_child(self, &told->children[number], number);
	in_allocator--;
	if (pid < 0)
		wrong("fork: %s", strerror(errno));
	do
		ret = waitpid(pid, &status, 0);
	while (ret < 0 && errno == EINTR);
	if (ret != pid || !(WIFEXITED(status) ? WEXITSTATUS(status) == 0
					      : WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL))
		wrong("child %u ended with status %#x", number, (unsigned)status);
}

/* ---- libraries that come and go ---- */

static _Atomic uint32_t workers_done;

static void *load_and_unload(void *unused)
{
	uint64_t random = told->seed * 77 + 1;
	char name[] = "./libplugin0.so";

	for (uint32_t i = 0; i < told->plugins && !atomic_load(&workers_done); i++) {
		struct model_block *block =
			&told->plugin_blocks[next_random(&random) % MODEL_PLUGIN_BLOCKS];
		void *(*make)(size_t), *library;
		void (*give_back)(void *);

		name[sizeof("./libplugin") - 1] = (char)('0' + i % 4);
		library = dlopen(name, i & 4 ? RTLD_NOW : RTLD_LAZY);
		if (!library)
			wrong("dlopen: %s", dlerror());
		*(void **)&make = dlsym(library, "plugin_make");
		*(void **)&give_back = dlsym(library, "plugin_free");
		if (block->address) {
			check_block(block, (void *)block->address, block->size);
			give_back((void *)block->address);
			block->address = 0;
		} else {
			*block = (struct model_block){.size = 1 + next_random(&random) % 2000,
				.fill = next_random(&random),
				.caller = (uintptr_t)make};
			block->address = (uintptr_t)make(block->size);
			fill_block(block);
		}
		dlclose(library);
		atomic_fetch_add(&told->plugin_rounds, 1);
	}
	return unused;
}

/* ---- threads ---- */

static struct worker workers[MODEL_WORKERS];

static void step(struct worker *self)
{
	uint32_t place = (uint32_t)(next_random(&self->random) % self->count);
	struct model_block *block = &told->blocks[self->entries[place]];
	uint64_t choice = next_random(&self->random) % 1000;

	atomic_fetch_add_explicit(&told->events, 1, memory_order_relaxed);
	if (choice < told->pages) {
		page_step(self);
		return;
	}
	choice = next_random(&self->random) % 100;
	if (choice < 2)
		be_refused(block, &self->random);
	else if (choice < 20)
		hand_over(self, place);
	else if (!block->address || (can_resize(block) && choice < 45))
		act(block, &self->random);
	else
		release(block, &self->random);
}

CODE static void *worker(void *argument)
{
	struct worker *self = argument;
	uint32_t fork_at = told->forks ? told->forks / told->workers + 1 : 0;

	self_worker = self;
	block_signals(SIG_UNBLOCK);
	for (uint32_t i = 0; i < told->steps; i++) {
		step(self);
		if (fork_at && i % (told->steps / fork_at + 1) == self->number)
			fork_child(self);
	}
	block_signals(SIG_BLOCK);
	self_worker = NULL;
	return NULL;
}

static double seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void start_worker(struct worker *self)
{
	pthread_attr_t attributes;
	int error;

	/* Some on a stack of their own size, which libc does not keep for the next. */
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(
		&attributes, next_random(&self->random) % 4 ? 128u << 10 : 192u << 10);
	error = pthread_create(&self->thread, &attributes, worker, self);
	pthread_attr_destroy(&attributes);
	/* Where memory ends there may be none for another thread; later there may be. */
	self->runs = !error;
	if (error && told->limited)
		return;
	if (error)
		wrong("thread %u: %s", atomic_load(&told->threads), strerror(error));
	atomic_fetch_add(&told->threads, 1);
}

/* Everything is still, so that what the recorder has can be measured: the n-th time. */
static void pause_here(uint32_t n)
{
	atomic_store(&told->paused, n);
	while (atomic_load(&told->go) < n)
		usleep(1000);
}

static void join(struct worker *self)
{
	if (self->runs)
		pthread_join(self->thread, NULL);
	self->runs = false;
}

static void join_all(void)
{
	for (uint32_t i = 0; i < told->workers; i++)
		join(&workers[i]);
}

static void start_all(void)
{
	for (uint32_t i = 0; i < told->workers; i++)
		start_worker(&workers[i]);
}

static void run_workers(void)
{
	double end = seconds_now() + told->seconds;
	bool paused = false;
	uint32_t i = 0;

	start_all();
	while (told->seconds ? seconds_now() < end : atomic_load(&told->threads) < told->lives) {
		if (!paused && told->pause_at && atomic_load(&told->threads) >= told->pause_at) {
			paused = true;
			join_all();
			pause_here(1);
			start_all();
			i = 0;
		}
		join(&workers[i]);
		start_worker(&workers[i]);
		i = (i + 1) % told->workers;
	}
	join_all();
	if (paused)
		pause_here(2);
}

static void tell_functions(void)
{
	extern char __stop_model_code[];

	for (uint32_t i = 0; i < MODEL_SITES; i++)
		told->functions[i] = (uintptr_t)sites[i];
	for (uint32_t i = 0; i < MODEL_ROUTES; i++)
		told->functions[IN_ROUTE + i] = (uintptr_t)routes[i];
	told->functions[IN_ACT] = (uintptr_t)act;
	told->functions[IN_HANDLER] = (uintptr_t)act_in_handler;
	told->functions[IN_CHILD] = (uintptr_t)act_in_child;
	told->functions[IN_WORKER] = (uintptr_t)worker;
	told->functions[IN_MAP] = (uintptr_t)map_pages;
	told->functions[IN_MAP_OVER] = (uintptr_t)map_over;
	told->functions[IN_REMAP] = (uintptr_t)remap;
	told->functions_end = (uintptr_t)__stop_model_code;
}

static void prepare(void)
{
	for (uint64_t i = 0; i < RING; i++)
		atomic_store(&ring[i].turn, i);
	for (uint32_t i = 0; i < told->workers; i++) {
		struct worker *self = &workers[i];

		self->number = i;
		self->random = (told->seed << 8 | i) * 0x9e3779b97f4a7c15u + 1;
		self->handler_random = self->random * 31 + 7;
		for (; self->count < MODEL_BLOCKS_EACH; self->count++)
			self->entries[self->count] = i * MODEL_BLOCKS_EACH + self->count;
	}
}

static void check_contents(void)
{
	for (uint32_t i = 0; i < MODEL_BLOCKS; i++)
		if (told->blocks[i].address)
			check_block(&told->blocks[i], (void *)told->blocks[i].address,
				told->blocks[i].size);
	for (uint32_t i = 0; i < MODEL_WORKERS; i++)
		for (uint32_t n = 0; n < MODEL_HANDLER_EACH; n++) {
			const struct model_block *block = &told->handler_blocks[i][n];

			if (block->address)
				check_block(block, (void *)block->address, block->size);
		}
	for (uint32_t i = 0; i < MODEL_PLUGIN_BLOCKS; i++)
		if (told->plugin_blocks[i].address)
			check_block(&told->plugin_blocks[i], (void *)told->plugin_blocks[i].address,
				told->plugin_blocks[i].size);
	for (uint32_t i = 0; i < MODEL_WORKERS; i++)
		for (uint32_t n = 0; n < MODEL_PAGES_EACH; n++)
			if (told->pages_mapped[i][n].address)
				check_pages((char *)told->pages_mapped[i][n].address, 1, i);
}

int main(int argc, char **argv)
{
	int fd = argc == 2 ? open(argv[1], O_RDWR | O_CLOEXEC) : -1;
	pthread_t loader;

	told = mmap(NULL, sizeof(*told), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (fd < 0 || told == MAP_FAILED || told->workers == 0 || told->workers > MODEL_WORKERS)
		return 96;
	close(fd);
	tell_functions();
	prepare();
	block_signals(SIG_BLOCK);
	if (told->signals)
		start_signals();
	if (told->plugins && pthread_create(&loader, NULL, load_and_unload, NULL))
		wrong("no thread");
	run_workers();
	atomic_store(&workers_done, 1);
	if (told->plugins)
		pthread_join(loader, NULL);
	check_contents();
	atomic_store(&told->done, 1);
	return 0;
}
