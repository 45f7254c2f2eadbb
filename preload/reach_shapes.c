/*
 * Pointers into a block by which compilers and libraries hold it. The conditions are memcheck's,
 * but for the last one; that a word is initialised, which it knows, is taken for granted.
 *
 * What they miss: a libc++ or a new std::string has no such head; new T[0] points behind its block.
 */
#include "preload/reach_read.h"
#include "preload/reach_shapes.h"

#define VTABLE_WORDS 20     /* at most these, behind the first, are looked at for ... */
#define VTABLE_FUNCTIONS 2u /* ... so many functions */
#define PAGE_ZERO_END 4096
#define ALIGNED_LEAST 32 /* bytes; malloc itself gives 16 */

/* length, capacity, reference count, characters, 0: to the characters. */
static bool is_stdstring(struct reach *reach, uint64_t pointer, uint64_t start, uint64_t size)
{
	uint64_t length, capacity;

	return pointer == start + 24 && reach_read_word(reach, start + 8, &capacity) &&
	       24 + capacity + 1 == size && reach_read_word(reach, start, &length) &&
	       length <= capacity;
}

/* The number of bytes that follow: to the first of them. */
static bool is_length64(struct reach *reach, uint64_t pointer, uint64_t start, uint64_t size)
{
	uint64_t length;

	return pointer == start + 8 && reach_read_word(reach, start, &length) && length > 0 &&
	       size - 8 == length;
}

/* The number of elements, the elements: to the first of them. */
static bool is_newarray(struct reach *reach, uint64_t pointer, uint64_t start, uint64_t size)
{
	uint64_t elements;

	return pointer == start + 8 && reach_read_word(reach, start, &elements) && elements > 0 &&
	       (size - 8) % elements == 0;
}

/* A table of functions, some of which may be NULL, in a file that is mapped. */
static bool is_vtable(struct reach *reach, uint64_t at)
{
	uint64_t end, until = at + VTABLE_WORDS * 8, function, ignored;
	uint32_t mapped = reach->view.mapping(reach->view.context, at, &end);
	unsigned functions = 0;

	if ((mapped & (REACH_MAPPED_FILE | REACH_MAPPED_READ)) !=
		(REACH_MAPPED_FILE | REACH_MAPPED_READ))
		return false;
	/* The mapping's last word is not looked at. */
	for (; at <= until && end - at > 8; at += 8) {
		if (!reach_read_word(reach, at, &function))
			return false;
		if (!function)
			continue;
		mapped = reach->view.mapping(reach->view.context, function, &ignored);
		if ((mapped & (REACH_MAPPED_FILE | REACH_MAPPED_EXEC)) !=
			(REACH_MAPPED_FILE | REACH_MAPPED_EXEC))
			return false;
		if (++functions == VTABLE_FUNCTIONS)
			return true;
	}
	return false;
}

static bool may_be_table(uint64_t at)
{
	return at % 8 == 0 && at >= PAGE_ZERO_END;
}

/* An object that begins with a virtual table, to a base in it that does, too. */
static bool is_inner_object(struct reach *reach, uint64_t pointer, uint64_t start, uint64_t size)
{
	uint64_t first, inner;

	return reach->view.mapping && pointer % 8 == 0 && size - (pointer - start) >= 8 &&
	       reach_read_word(reach, pointer, &inner) && may_be_table(inner) &&
	       reach_read_word(reach, start, &first) && may_be_table(first) &&
	       is_vtable(reach, inner) && is_vtable(reach, first);
}

/*
 * An object that was put at a rounded address, further than malloc would have, and that has the
 * block's own start beside its beginning, for free(): in the word before it, as hand-written
 * aligned allocations do, or in its first two, as glibc's loader (the segments of dl-find_object.c,
 * which every program has that loads some libraries).
 */
static bool is_aligned(struct reach *reach, uint64_t pointer, uint64_t start, uint64_t size)
{
	uint64_t offset = pointer - start, alignment = pointer & -pointer, word;

	if (alignment < ALIGNED_LEAST || offset > alignment || size - offset < 16)
		return false;
	for (int i = -1; i <= 1; i++)
		if ((i >= 0 || offset >= 8) &&
			reach_read_word(reach, pointer + (uint64_t)(i * 8), &word) && word == start)
			return true;
	return false;
}

bool reach_shape(struct reach *reach, uint64_t pointer, uint64_t start, uint64_t size)
{
	uint64_t flags = reach->map.flags;

	if (start % 8)
		return false;
	return ((flags & REACH_STDSTRING) && is_stdstring(reach, pointer, start, size)) ||
	       ((flags & REACH_LENGTH64) && is_length64(reach, pointer, start, size)) ||
	       ((flags & REACH_NEWARRAY) && is_newarray(reach, pointer, start, size)) ||
	       ((flags & REACH_MULTIPLEINHERITANCE) &&
		       is_inner_object(reach, pointer, start, size)) ||
	       ((flags & REACH_ALIGNED) && is_aligned(reach, pointer, start, size));
}
