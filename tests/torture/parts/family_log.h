/*
 * What a family of processes (family.c) tells of itself, in memory that all of them share with who
 * watches them (family_harness.c). Each image that the family is to leave is a member; a process
 * that executes itself is several.
 */
#ifndef LEAK_TESTS_FAMILY_LOG_H
#define LEAK_TESTS_FAMILY_LOG_H

#include "kill_log.h"

#define FAMILY_LOG_FD 18 /* where the processes find the memory */
#define FAMILY_CHILDREN 200
#define FAMILY_MEMBERS_MAX 1000

/* All blocks that a member leaves have this size, so that they tell which member's image it is. */
#define FAMILY_SIZE(member) (300 + (member))

struct family_member {
	_Atomic uint32_t pid, ppid; /* pid 0: it was never there */
	uint32_t blocks;            /* left at its end */
	uint32_t inherited_frees;   /* of blocks of its parent */
	uint32_t state;             /* of the image, as preload/image_format.h has it */
	uint32_t forked;            /* its events began in a fork, not in a program of its own */
};

struct family_log {
	struct kill_log parent; /* threads that allocate meanwhile */
	_Atomic uint32_t members;
	_Atomic uint32_t go; /* set by the watcher when the parent is gone: daemons begin */
	uint64_t code, code_end; /* addresses of the functions that leave blocks; same in all */
	struct family_member member[FAMILY_MEMBERS_MAX];
};

#endif
