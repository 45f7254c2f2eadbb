/*
 * The image: one growing piece of memory that is also a file. See image_format.h for its layout.
 *
 * It is made once per process and handed out in chunks that never move and are never given back.
 */
#ifndef LEAK_IMAGE_H
#define LEAK_IMAGE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "preload/image_format.h"

/* The image's header; NULL before image_create. Valid until the process ends. */
extern struct image_header *image;

/* Makes the image from the options' output name, or an anonymous one when no file can be made.
 * Fills the header but leaves `state` 0. False when there is not even memory. Start-up only. */
bool image_create(bool forked);

/* The file's absolute name; empty for an anonymous image. */
const char *image_path(void);

/* A zeroed chunk of at least `payload` bytes after the header, with `data` bytes of header (64 or
 * IMAGE_PAGE), not yet published. NULL when the image cannot grow (counted by the caller).
 * Lock-free, any thread, also in a signal handler. */
struct chunk_header *image_chunk(uint64_t payload, uint64_t data);

/* Makes a filled chunk visible to readers. */
void image_publish(struct chunk_header *chunk, enum chunk_type type, uint32_t owner, uint64_t first,
	uint64_t rows);

/* Keeps a text in the image, cut after a MiB. False when the image cannot grow. */
bool image_add_text(enum image_text kind, const char *text);

/* The chunk behind `chunk`, the first one for NULL; NULL behind the last. Chunks that are being
 * made are passed over. */
const struct chunk_header *image_next_chunk(const struct chunk_header *chunk);

/* Counts something that was not recorded, or not fully. Any thread. */
void image_count_lost(enum image_lost what, uint64_t how_many);

/* Ends the image: state, exit status, time; what is in memory only goes to the file. `trim` also
 * cuts the file to its length, or writes an anonymous image out. Allocations after it are still
 * recorded. */
void image_finish(enum image_state state, int exit_status, bool trim);

/* Removes the image's file, or sees to it that there will be none. False when its name does not
 * lead to it any more, or it cannot be removed. */
bool image_remove(void);

/* An image that was ended goes on after all (exec failed). */
void image_revive(void);

/* Where the image's memory is; before a fork, for image_stand_in. `base` NULL: there is none. */
struct image_place {
	char *base;
	uint64_t bytes;
};
struct image_place image_place(void);

/* In a forked child: anonymous memory takes the place of the parent's image, for an event that the
 * forking signal handler interrupted. `begun`: the child has an image of its own already. */
void image_stand_in(const struct image_place *parents, bool begun);

/* In a forked child: forget the parent's image, which the child does not even have mapped. */
void image_forget(void);

/*
 * Numbered rows in chunks: row i lives in chunk i / rows_per_chunk. Rows never move.
 */
#define ROWSTORE_FIRST 4

struct rowstore {
	enum chunk_type type;
	uint32_t row_size;
	uint32_t rows_per_chunk;
	uint32_t max_chunks;
	struct chunk_header *_Atomic *chunks; /* max_chunks entries, zero at first */
	_Atomic uint32_t touched;             /* entries from here on were never used */
	/* The first entries, which stand in for those of `chunks`: a short process touches no page
	 * of that array, and a forked child has none of it to forget. */
	struct chunk_header *_Atomic first[ROWSTORE_FIRST];
};

static inline struct chunk_header *_Atomic *rowstore_entry(struct rowstore *store, uint64_t n)
{
	return n < ROWSTORE_FIRST ? &store->first[n] : &store->chunks[n];
}

/* Row i, made if need be (zeroed); NULL when it cannot be. Lock-free, any thread. */
void *rowstore_make(struct rowstore *store, uint64_t i);

/* Row i, or NULL when its chunk does not exist. */
static inline void *rowstore_get(struct rowstore *store, uint64_t i)
{
	uint64_t n = i / store->rows_per_chunk;
	struct chunk_header *chunk;

	if (n >= store->max_chunks)
		return NULL;
	chunk = atomic_load_explicit(rowstore_entry(store, n), memory_order_acquire);
	if (!chunk)
		return NULL;
	return (char *)chunk + sizeof(*chunk) + (i % store->rows_per_chunk) * store->row_size;
}

/* In a forked child. */
void rowstore_forget(struct rowstore *store);

#endif
