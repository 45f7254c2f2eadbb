/*
 * What the rest of the recorder needs to know of the hooks: which of them an address of ours is in.
 */
#ifndef LEAK_HOOK_TABLE_H
#define LEAK_HOOK_TABLE_H

#include <stdint.h>

/* The family of the hook whose code contains `pc`, or 0. A block whose stack runs through another
 * hook of ours was asked for there: malloc below operator new is an operator new. */
unsigned hook_family_at(uintptr_t pc);

#endif
