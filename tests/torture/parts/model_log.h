/*
 * What the model program (model/main.c) knows of itself, in a file that it shares with who runs it
 * (model_harness.c): its shadow model. At its end the image must equal it.
 */
#ifndef LEAK_TESTS_MODEL_LOG_H
#define LEAK_TESTS_MODEL_LOG_H

#include <stdatomic.h>
#include <stdint.h>

#define MODEL_WORKERS 64
#define MODEL_BLOCKS_EACH 256
#define MODEL_BLOCKS (MODEL_WORKERS * MODEL_BLOCKS_EACH)
#define MODEL_HANDLER_EACH 16 /* blocks that a worker's signal handler keeps */
#define MODEL_PAGES_EACH 256
#define MODEL_PLUGIN_BLOCKS 256
#define MODEL_CHILDREN 4096
#define MODEL_FUNCTIONS 64
#define MODEL_SAMPLES 4096

/* The call sites of blocks, in the order of the tables in model/sites.c. */
enum model_site {
	SITE_MALLOC,
	SITE_MALLOC_OTHER,
	SITE_CALLOC,
	SITE_CALLOC_BYTES,
	SITE_REALLOC_NULL,
	SITE_REALLOCARRAY_NULL,
	SITE_POSIX_MEMALIGN,
	SITE_MEMALIGN,
	SITE_ALIGNED_ALLOC,
	SITE_VALLOC,
	SITE_PVALLOC,
	SITE_NEW,
	SITE_NEW_ARRAY,
	SITE_NEW_NOTHROW,
	SITE_NEW_ARRAY_NOTHROW,
	SITE_NEW_ALIGNED,
	SITE_NEW_ARRAY_ALIGNED_NOTHROW,
	MODEL_MAKERS,
	SITE_REALLOC = MODEL_MAKERS, /* of a block: only those of the malloc family */
	SITE_REALLOC_OTHER,
	SITE_REALLOCARRAY,
	MODEL_SITES
};

#define MODEL_ROUTES 8
#define MODEL_DEPTH_MAX 6

/* The program's functions by number: the sites, then these. */
enum {
	IN_ROUTE = MODEL_SITES,
	IN_ACT = IN_ROUTE + MODEL_ROUTES, /* in a worker */
	IN_HANDLER,                       /* in a signal handler */
	IN_CHILD,                         /* in a forked child */
	IN_WORKER,
	IN_MAP,
	IN_MAP_OVER,
	IN_REMAP,
	MODEL_FUNCTION_COUNT,
};
_Static_assert(MODEL_FUNCTION_COUNT <= MODEL_FUNCTIONS, "room for all");

/* A stack: who calls the allocator, and through what, innermost last. */
#define MODEL_STACK(site, depth, routes) ((uint32_t)((site) | (depth) << 5 | (routes) << 8))
#define CALL_SITE(stack) ((stack)&31)
#define CALL_DEPTH(stack) ((stack) >> 5 & 7)
#define CALL_ROUTE(stack, i) ((stack) >> (8 + 3 * (i)) & 7) /* 0 is the outermost */

struct model_block {
	uint64_t address; /* 0: no block */
	uint64_t size;
	uint64_t fill;   /* what its bytes are made from */
	uint64_t caller; /* of a plugin's block: the function that called malloc; else 0 */
	uint32_t stack;
	uint32_t root;            /* IN_ACT, IN_HANDLER or IN_CHILD */
	uint32_t align, reserved; /* what was asked for where that is the caller's choice */
};

/* A page that is mapped. Pages of one call are one region, as far as they are next to each other.
 */
struct model_page {
	uint64_t address; /* 0: none */
	uint64_t call;    /* number of the call that mapped it, over all workers */
	uint32_t function;
	uint32_t reserved;
};

struct model_child {
	int32_t pid;
	uint32_t done; /* it came to its end */
	uint64_t blocks, bytes;
	uint64_t inherited_frees;
};

/* What the recorder had for itself at one moment. */
struct model_sample {
	uint64_t seconds, events, threads;
	uint64_t image_bytes;  /* handed out to chunks */
	uint64_t own_bytes;    /* anonymous memory: address space, */
	uint64_t own_resident; /* and pages that are there */
	uint64_t rss_bytes;    /* of the whole process */
};

struct model_log {
	/* The knobs, set by who runs it. */
	uint64_t seed;
	uint32_t workers;  /* threads at a time */
	uint32_t lives;    /* threads in all, at least `workers` */
	uint32_t steps;    /* of one thread's life */
	uint32_t seconds;  /* go on with new threads for so long; 0: `lives` is all */
	uint32_t signals;  /* interrupted so many times a second */
	uint32_t safe;     /* the allocator may be called in any signal handler */
	uint32_t other;    /* the allocator is not glibc's or like it: see model/main.c */
	uint32_t forks;    /* children in all */
	uint32_t plugins;  /* libraries that are loaded and unloaded while there are workers: rounds
			      at most */
	uint32_t limited;  /* memory may end: no operator new that throws */
	uint32_t depth;    /* functions that a call goes through at the most: with 6 there are
			    * millions of call stacks, with 1 hundreds */
	uint32_t large;    /* blocks in 1000 that are 128 KiB to 2 MiB */
	uint32_t pages;    /* events in 1000 that are about mapped pages */
	uint32_t pause_at; /* threads so far when main, with all joined, waits to be measured, as it
			    * does once more at the end; 0: not */
	_Atomic uint32_t paused, go;
	/* The program's own. */
	_Atomic uint32_t done; /* it came to its end */
	_Atomic uint32_t threads, handled, children_made, plugin_rounds;
	_Atomic uint64_t events, failed, refused, calls;
	char wrong[256];                                    /* what it found damaged itself */
	uint64_t functions[MODEL_FUNCTIONS], functions_end; /* addresses */
	struct model_block blocks[MODEL_BLOCKS];
	struct model_block handler_blocks[MODEL_WORKERS][MODEL_HANDLER_EACH];
	struct model_block plugin_blocks[MODEL_PLUGIN_BLOCKS];
	struct model_page pages_mapped[MODEL_WORKERS][MODEL_PAGES_EACH];
	struct model_child children[MODEL_CHILDREN];
};

#endif
