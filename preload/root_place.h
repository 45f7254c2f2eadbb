/*
 * What a word is that keeps a block, as far as the choice of roots (roots.h) can tell: a register,
 * a thread's stack, its thread-local variables. Modules and the program's mappings are for the
 * caller to tell. Compiled into both programs. One thread.
 */
#ifndef LEAK_ROOT_PLACE_H
#define LEAK_ROOT_PLACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "preload/image_format.h"
#include "preload/reach.h"
#include "preload/roots.h"

/* The thread-local storage of a module, in the order of libc's numbers for them. */
struct tls_module {
	uint32_t module; /* number in the image */
	uint64_t bytes;
};

struct root_places {
	/* The caller's to fill in. */
	const struct roots *roots; /* scanned */
	uint64_t words_before;  /* that were given to the scan before those of the roots: first */
	uint64_t words_ignored; /* of these, those that the program asked not to report */
	const struct tls_module *tls;
	size_t tls_count;

	struct roots_area *areas; /* private: of each thread, {0} where there is none */
};

#define ROOT_NO_THREAD SIZE_MAX

struct root_place {
	enum image_root kind;
	size_t thread;         /* STACK, TLS: in roots->threads, or ROOT_NO_THREAD */
	size_t word;           /* REGISTER: in roots->registers */
	bool in_frames;        /* STACK: of the frames that are in use */
	const struct map *map; /* that the word is in; NULL: none */
	uint32_t module;       /* TLS: number in the image; 0: not known */
	uint64_t offset;       /* TLS: in the module's */
};

/* False when there is no memory. */
bool root_places_begin(struct root_places *places);

/* The memory of the scan must be readable still. */
void root_places_find(
	const struct root_places *places, const struct reach_step *word, struct root_place *ret);

#endif
