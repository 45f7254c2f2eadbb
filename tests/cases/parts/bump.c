// An allocator that needs next to no stack and no system call: what is measured above it is the recorder's.
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>

enum { ROOM_BITS = 33, HEADER = 64 };

struct header {
	size_t size;
	char *self; // the block's own address
};

static char *_Atomic top;
static char *_Atomic spare; // freed last, perhaps used next
static char *room;

__attribute__((constructor(101))) static void start(void)
{
	if (room)
		return;
	room = mmap(NULL, 1ul << ROOM_BITS, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	top = room == MAP_FAILED ? NULL : room;
}

// The next block lies at least so many bytes on.
void bump_jump(size_t bytes)
{
	spare = NULL;
	top += bytes & -4096ul;
}

static inline char *take(size_t align, size_t size)
{
	char *block = NULL, *room_left;

	if (align <= 16 && size <= 32 && spare) {
		block = __atomic_exchange_n(&spare, NULL, __ATOMIC_RELAXED);
		if (block)
			return block;
	}
	if (__builtin_expect(!room, 0))
		start();
	room_left = top;
	if (align <= 16) {
		block = __atomic_fetch_add(&top, HEADER + ((size + 95) & -64ul), __ATOMIC_RELAXED) + HEADER;
	} else {
		room_left = __atomic_fetch_add(&top, HEADER + ((size + 95) & -64ul) + align, __ATOMIC_RELAXED);
		block = (char *)(((uintptr_t)room_left + HEADER + align - 1) & -align);
	}
	((struct header *)(block - HEADER))->size = size < 32 ? 32 : size;
	((struct header *)(block - HEADER))->self = block;
	return block;
}

void *malloc(size_t size)
{
	return take(16, size);
}

void free(void *block)
{
	struct header *header = (struct header *)((char *)block - HEADER);

	if (block && (char *)block >= room && (char *)block < room + (1ul << ROOM_BITS) &&
		header->self == block && header->size == 32)
		spare = block;
}

void *calloc(size_t count, size_t size)
{
	char *block = take(16, count * size);

	for (volatile char *at = block; at < block + count * size; at++)
		*at = 0;
	return block;
}

void *realloc(void *block, size_t size)
{
	size_t old = block ? ((struct header *)((char *)block - HEADER))->size : 0;
	char *moved = take(16, size);

	for (size_t i = 0; i < old && i < size; i++)
		((volatile char *)moved)[i] = ((char *)block)[i];
	return moved;
}

void *memalign(size_t align, size_t size)
{
	return take(align, size);
}

void *aligned_alloc(size_t align, size_t size)
{
	return take(align, size);
}

int posix_memalign(void **ret, size_t align, size_t size)
{
	*ret = take(align, size);
	return 0;
}

size_t malloc_usable_size(void *block)
{
	return block ? ((struct header *)((char *)block - HEADER))->size : 0;
}
