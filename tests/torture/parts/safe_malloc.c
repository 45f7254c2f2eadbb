/*
 * An allocator that may be called in any signal handler and in a forked child of many threads:
 * lists of free blocks, one for each power of two, that change by compare-and-swap alone. Preloaded
 * behind the recorder, it lets a handler allocate while it interrupts the recorder anywhere.
 *
 * To be linked with -Bsymbolic: its functions call each other, not the recorder's. Blocks are never
 * joined or split. Memory comes from one reservation by an atomic addition.
 */
#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#define ROOM_BYTES (1ull << 36)
#define CLASSES 40
#define HEADER 32

/* Before each block. */
struct header {
	uint32_t class; /* log2 of the bytes from the chunk's start on */
	uint32_t pad;
	char *chunk;
	size_t size;
	_Atomic uint64_t next; /* in a list of free ones */
};
_Static_assert(sizeof(struct header) == HEADER, "keeps blocks aligned to 16");

/* A list's head: a count in the high bits, so that a chunk which left and came back is not taken
 * for one that stayed; the chunk's place in units of 16 bytes. */
#define PLACE_BITS 32
static _Atomic uint64_t heads[CLASSES];
static _Atomic uint64_t used = 64;
static char *_Atomic room;

static char *start(void)
{
	char *none = NULL;
	char *fresh = mmap(NULL, ROOM_BYTES, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (fresh == MAP_FAILED)
		return NULL;
	if (atomic_compare_exchange_strong(&room, &none, fresh))
		return fresh;
	munmap(fresh, ROOM_BYTES);
	return none;
}

/* The list's words lie at the chunk's start, where a block's owner has nothing. */
static _Atomic uint64_t *next_of(uint64_t place)
{
	return (_Atomic uint64_t *)(atomic_load(&room) + (place << 4));
}

static char *pop(unsigned class)
{
	uint64_t head = atomic_load(&heads[class]);

	while (head & ((1ull << PLACE_BITS) - 1)) {
		uint64_t place = head & ((1ull << PLACE_BITS) - 1);
		uint64_t next = atomic_load(next_of(place));

		if (atomic_compare_exchange_weak(
			    &heads[class], &head, ((head >> PLACE_BITS) + 1) << PLACE_BITS | next))
			return atomic_load(&room) + (place << 4);
	}
	return NULL;
}

static void push(unsigned class, char *chunk)
{
	uint64_t place = (uint64_t)(chunk - atomic_load(&room)) >> 4;
	uint64_t head = atomic_load(&heads[class]);

	do
		atomic_store(next_of(place), head & ((1ull << PLACE_BITS) - 1));
	while (!atomic_compare_exchange_weak(
		&heads[class], &head, ((head >> PLACE_BITS) + 1) << PLACE_BITS | place));
}

static void *take(size_t align, size_t size)
{
	char *chunk, *base = atomic_load(&room), *block;
	unsigned class = 6;
	size_t need;

	if (size > PTRDIFF_MAX / 4 || align > PTRDIFF_MAX / 4) {
		errno = ENOMEM;
		return NULL;
	}
	if (!base && !(base = start()))
		return NULL;
	/* 16 bytes at the chunk's start for its list, the header before the block. */
	need = 16 + HEADER + (align > 16 ? align : 0) + size;
	while ((size_t)1 << class < need)
		class ++;
	chunk = pop(class);
	if (!chunk) {
		uint64_t at = atomic_fetch_add(&used, 1ull << class);

		if (at + (1ull << class) > ROOM_BYTES) {
			atomic_fetch_sub(&used, 1ull << class);
			errno = ENOMEM;
			return NULL;
		}
		chunk = base + at;
	}
	block = (char *)(((uintptr_t)chunk + 16 + HEADER + align - 1) & -(uintptr_t)align);
	((struct header *)block)[-1] =
		(struct header){.class = class, .chunk = chunk, .size = size};
	return block;
}

void *malloc(size_t size)
{
	return take(16, size);
}

void free(void *block)
{
	struct header *header = (struct header *)block - 1;

	if (block)
		push(header->class, header->chunk);
}

static void copy(char *to, const char *from, size_t size)
{
	for (size_t i = 0; i < size; i++)
		((volatile char *)to)[i] = from[i];
}

void *calloc(size_t count, size_t size)
{
	size_t total;
	char *block;

	if (__builtin_mul_overflow(count, size, &total)) {
		errno = ENOMEM;
		return NULL;
	}
	block = take(16, total);
	for (size_t i = 0; block && i < total; i++)
		((volatile char *)block)[i] = 0;
	return block;
}

void *realloc(void *block, size_t size)
{
	struct header *header = (struct header *)block - 1;
	void *moved;

	if (!block)
		return take(16, size);
	moved = take(16, size);
	if (!moved)
		return NULL;
	copy(moved, block, header->size < size ? header->size : size);
	free(block);
	return moved;
}

void *memalign(size_t align, size_t size)
{
	return take(align < 16 ? 16 : align, size);
}

void *aligned_alloc(size_t align, size_t size)
{
	return memalign(align, size);
}

int posix_memalign(void **ret, size_t align, size_t size)
{
	void *block;

	if (align % sizeof(void *) || align & (align - 1) || !align)
		return EINVAL;
	block = memalign(align, size);
	if (!block)
		return ENOMEM;
	*ret = block;
	return 0;
}

void *valloc(size_t size)
{
	return take(4096, size);
}

void *pvalloc(size_t size)
{
	return size > PTRDIFF_MAX / 4 ? take(4096, size) : take(4096, (size + 4095) & -4096ul);
}

size_t malloc_usable_size(void *block)
{
	return block ? ((struct header *)block - 1)->size : 0;
}
