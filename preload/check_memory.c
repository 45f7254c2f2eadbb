/* A bump allocator that is thrown away as a whole, see check_memory.h. */
#include "preload/check_memory.h"
#include "preload/own.h"
#include "preload/sys.h"

struct check_piece {
	struct check_piece *before;
	size_t bytes;
	uint64_t reserved[6];
};
_Static_assert(sizeof(struct check_piece) == 64, "keeps the alignment");

#define PIECE_FIRST (64u << 10)
#define PIECE_MAX (4u << 20)
#define HUGE_PAGE (2ul << 20)

/* A piece with room for `size`: twice as large as all before, within bounds. */
static char *add_piece(struct check_memory *memory, size_t size)
{
	size_t bytes = memory->bytes < PIECE_FIRST ? PIECE_FIRST : memory->bytes;
	struct check_piece *piece;

	bytes = (bytes > PIECE_MAX ? PIECE_MAX : bytes + 4095) & ~(size_t)4095;
	if (bytes < size + sizeof(*piece))
		bytes = (size + sizeof(*piece) + 4095) & ~(size_t)4095;
	piece = own_memory(bytes);
	if (!piece)
		return NULL;
	/* Many small tables fill it; a large one may be touched here and there only. */
	if (bytes >= HUGE_PAGE && size <= bytes / 4)
		sys_madvise(piece, bytes, MADV_HUGEPAGE);
	piece->before = memory->last;
	piece->bytes = bytes;
	memory->last = piece;
	memory->bytes += bytes;
	return (char *)(piece + 1);
}

void *check_allocate(void *context, size_t size)
{
	struct check_memory *memory = context;
	char *at;

	size = (size + 63) & ~(size_t)63;
	if (size > (size_t)(memory->end - memory->free)) {
		at = add_piece(memory, size);
		if (!at)
			return NULL;
		/* What is left of the larger one serves the next. */
		if ((char *)memory->last + memory->last->bytes - at - (long)size >
			memory->end - memory->free) {
			memory->free = at + size;
			memory->end = (char *)memory->last + memory->last->bytes;
		}
		return at;
	}
	at = memory->free;
	memory->free += size;
	return at;
}

void check_memory_release(struct check_memory *memory)
{
	while (memory->last) {
		struct check_piece *piece = memory->last;

		memory->last = piece->before;
		own_release(piece, piece->bytes);
	}
	*memory = (struct check_memory){0};
}
