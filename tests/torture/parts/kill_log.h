/*
 * What the victim of the kill tests (kill_workers.h) tells of itself, in memory that it shares with
 * who watches it (kill_harness.c): before and after each event, so that at every instant it is
 * known which blocks there must be, which there must not be, and which may be.
 */
#ifndef LEAK_TESTS_KILL_LOG_H
#define LEAK_TESTS_KILL_LOG_H

#include <stdatomic.h>
#include <stdint.h>

#define KILL_LOG_FD 17 /* where the victim finds the memory */
#define KILL_THREADS 8
#define KILL_ALL_THREADS KILL_THREADS
#define KILL_ENTRIES_EACH 64
#define KILL_ENTRIES (KILL_THREADS * KILL_ENTRIES_EACH)

/* What a thread is about to do with an entry's block. */
enum entry_kind {
	ENTRY_EMPTY = 0,    /* no block */
	ENTRY_LIVE = 1,     /* its block is `version` */
	ENTRY_PENDING = 2,  /* `version` is being allocated: it has no address yet */
	ENTRY_FREEING = 3,  /* `version` is being freed */
	ENTRY_RESIZING = 4, /* `version` is to become the other one, which has no address yet */
};

/* The state of an entry in one word. */
#define ENTRY_STATE(kind, version, thread) ((kind) | (version) << 4 | (uint32_t)(thread) << 8)
#define ENTRY_KIND(state) ((state)&15)
#define ENTRY_VERSION(state) ((state) >> 4 & 1)
#define ENTRY_THREAD(state) ((state) >> 8)

struct kill_block {
	uint64_t address, size;
	uint32_t stack;
};

struct kill_entry {
	_Atomic uint32_t state;
	struct kill_block versions[2];
};

/*
 * A stack: the function that calls the allocator, and up to three that it was called through. They
 * are functions of the victim which have one call each, so a function is a call site.
 */
#define KILL_SITES 12 /* the first KILL_MAKERS allocate, the rest reallocate */
#define KILL_MAKERS 9
#define KILL_ROUTES 8
#define KILL_DEPTH_MAX 3

#define STACK_SITE(stack) ((stack)&15)
#define STACK_DEPTH(stack) ((stack) >> 4 & 3)
#define STACK_ROUTE(stack, i) ((stack) >> (6 + 3 * (i)) & 7) /* 0 is the outermost */

/* Functions of the victim, by number. */
enum {
	FUNCTION_ROUTE = KILL_SITES,
	FUNCTION_ACT = FUNCTION_ROUTE + KILL_ROUTES,
	FUNCTION_OVERFLOW,
	FUNCTION_DIE,
	FUNCTION_WORKER,
	FUNCTION_COUNT,
};

enum kill_death {
	DEATH_BY_OTHERS, /* it is killed */
	DEATH_SEGV,
	DEATH_BUS,
	DEATH_ABORT,
	DEATH_OVERFLOW,
	DEATH_EXEC,
	DEATH_EXIT,
	DEATH_EXIT_RAW, /* the bare system call */
};

#define KILL_STATUS_EXIT 7
#define KILL_STATUS_AFTER_EXEC 42

struct kill_log {
	/* The watcher's, set before the victim starts. */
	uint32_t death; /* enum kill_death */
	uint32_t large; /* how many blocks of 100 are 1 MiB and more */
	uint32_t touch; /* write to every page of each block */
	uint32_t seed;
	uint32_t die_thread;
	/* The watcher's: now. Thread die_thread ends the process. */
	_Atomic uint32_t die;
	/* The victim's. */
	_Atomic uint32_t in_main;
	_Atomic uint32_t
		started; /* threads so far; the first KILL_THREADS are all there are at first */
	_Atomic uint32_t failed; /* allocations that returned NULL */
	_Atomic uint32_t tids[KILL_THREADS];
	_Atomic uint64_t events;
	uint64_t functions[FUNCTION_COUNT], functions_end; /* addresses */
	struct kill_entry entries[KILL_ENTRIES];
};

#endif
