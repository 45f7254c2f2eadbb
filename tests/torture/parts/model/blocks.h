/*
 * The operations on blocks: one is made, resized or given back in a random way, or refused, and the
 * shadow model says what has come of it. Called by workers, in handlers and in children, each for
 * blocks that nobody else touches meanwhile.
 */
#ifndef LEAK_TESTS_MODEL_BLOCKS_H
#define LEAK_TESTS_MODEL_BLOCKS_H

#include "told.h"

#include <signal.h>
#include <stdbool.h>

/* The thread is in the allocator: a handler that interrupts it may not be. */
extern __thread volatile sig_atomic_t in_allocator;

/* Makes *block a block, or another one: in a worker, in a handler, in a child. One function each,
 * so that the stack tells. One that is there must be resizable. */
void act(struct model_block *block, uint64_t *random);
void act_in_handler(struct model_block *block, uint64_t *random);
void act_in_child(struct model_block *block, uint64_t *random);

/* The block is one of the malloc family. */
bool block_can_resize(const struct model_block *block);

/* Checks a block's contents and gives it back. */
void block_release(struct model_block *block, uint64_t *random);

/* Asks for what every allocator refuses, and demands the errno that says so. *block stays. */
void block_be_refused(struct model_block *block, uint64_t *random);

/* Checks the contents of a block that is left, if it is one. */
void block_check(const struct model_block *block);

/* Puts the addresses of act and the others into the log. */
void blocks_tell(void);

#endif
