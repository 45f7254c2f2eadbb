/*
 * The call sites, each a function of its own that calls the allocator once, and the functions on
 * the way there. Which way a call goes is random: the call stack says it (MODEL_STACK).
 */
#ifndef LEAK_TESTS_MODEL_SITES_H
#define LEAK_TESTS_MODEL_SITES_H

#include "told.h"

#include <stdbool.h>
#include <stddef.h>

/* A call on its way. */
struct job {
	uint32_t stack;
	uint32_t left; /* routes yet to take */
	void *block;   /* to be reallocated */
	size_t size;
	size_t align;
};

extern void *(*const sites[MODEL_SITES])(struct job *);
extern void *(*const routes[MODEL_ROUTES])(struct job *);

/* Takes the next route, or calls the site: no frame of its own. What the allocator returned. */
static inline __attribute__((always_inline)) void *go_on(struct job *job)
{
	uint32_t taken = CALL_DEPTH(job->stack) - job->left;

	if (job->left == 0)
		return sites[CALL_SITE(job->stack)](job);
	job->left--;
	return routes[CALL_ROUTE(job->stack, taken)](job);
}

/* Its result is a block that realloc may be given, and free: not operator new's. */
bool site_can_resize(uint32_t site);

bool site_may_throw(uint32_t site);

/* Gives a block of this site back, in one of the ways that are right for it, by `choice`. */
void site_release(uint32_t site, void *at, size_t size, size_t align, uint64_t choice);

/* Puts the addresses of sites and routes into the log. */
void sites_tell(void);

#endif
