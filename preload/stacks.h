/*
 * Stacks, stored once as a tree of frames in the image, and numbered: a site's number is the number
 * of its leaf. Lock-free, insert-only; exact, because a node is found by comparing frames, not
 * hashes.
 */
#ifndef LEAK_STACKS_H
#define LEAK_STACKS_H

#include <stdbool.h>
#include <stdint.h>

#include "preload/image_format.h"
#include "preload/unwind.h"

#define SITE_IGNORED 1u /* blocks that the program asked not to report */

/* Makes the empty tree, with SITE_IGNORED in it. Start-up, also in a forked child. */
bool stacks_start(void);

/* The site of a stack and the family that was called, made if need be; 0 when the tree cannot grow.
 * Any thread, also in a signal handler. Slow path: once per thread and site. */
uint32_t stacks_intern(const struct trace *t, unsigned family);

/* The same in single steps, from the outermost frame inwards: the node of a frame under its
 * caller's, 0 for the outermost one, which carries the stack's flags. `hash` is that of the frames
 * so far (stacks_hash). */
uint32_t stacks_child(uint32_t parent, uint64_t frame, uint32_t flags, uint64_t hash);

/* The last step: the family's node is the site. */
uint32_t stacks_leaf(uint32_t parent, unsigned family, uint32_t flags, uint64_t hash);

/* A step with this hash is going to be taken. */
void stacks_expect(uint64_t hash);

/* A node that these gave. */
const struct image_node *stacks_node(uint32_t number);

/* The key by which threads remember a stack's site: a hash of all frames, outermost first. */
static inline uint64_t stacks_mix(uint64_t hash, uint64_t frame)
{
	hash = (hash ^ frame) *
	       0xff51afd7ed558ccdull; /* a 64-bit finalizer's multiplier (MurmurHash3) */
	return hash ^ hash >> 32;
}

static inline uint64_t stacks_seed(uint32_t flags)
{
	return 0x9e3779b97f4a7c15ull ^ flags;
}

/* The hash of a stack's frames; the key is stacks_mix of it and the family. */
static inline uint64_t stacks_hash(const struct trace *t)
{
	uint64_t hash = stacks_seed(t->flags);

	for (uint32_t i = t->count; i-- > 0;)
		hash = stacks_mix(hash, t->frames[i]);
	return hash;
}

#endif
