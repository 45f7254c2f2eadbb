/*
 * The call sites. In each function the call is not its last act, so that there is a frame of it.
 */
#define _GNU_SOURCE
#include "sites.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>

/* C++'s functions by their mangled names: no frame of ours may be one of C++'s. */
void *new_plain(size_t) __asm__("_Znwm");
void *new_array(size_t) __asm__("_Znam");
void *new_nothrow(size_t, const void *) __asm__("_ZnwmRKSt9nothrow_t");
void *new_array_nothrow(size_t, const void *) __asm__("_ZnamRKSt9nothrow_t");
void *new_aligned(size_t, size_t) __asm__("_ZnwmSt11align_val_t");
void *new_array_aligned_nothrow(size_t, size_t, const void *) __asm__(
	"_ZnamSt11align_val_tRKSt9nothrow_t");
void delete_plain(void *) __asm__("_ZdlPv");
void delete_sized(void *, size_t) __asm__("_ZdlPvm");
void delete_array(void *) __asm__("_ZdaPv");
void delete_array_sized(void *, size_t) __asm__("_ZdaPvm");
void delete_nothrow(void *, const void *) __asm__("_ZdlPvRKSt9nothrow_t");
void delete_array_nothrow(void *, const void *) __asm__("_ZdaPvRKSt9nothrow_t");
void delete_aligned(void *, size_t) __asm__("_ZdlPvSt11align_val_t");
void delete_sized_aligned(void *, size_t, size_t) __asm__("_ZdlPvmSt11align_val_t");
void delete_array_aligned(void *, size_t) __asm__("_ZdaPvSt11align_val_t");
void delete_array_sized_aligned(void *, size_t, size_t) __asm__("_ZdaPvmSt11align_val_t");
extern const char nothrow __asm__("_ZSt7nothrow");

#define SITE(name, call)                                                                           \
	CODE static void *name(struct job *job)                                                    \
	{                                                                                          \
		void *made = call;                                                                 \
		__asm__ volatile("" : "+r"(made) : "r"(name));                                     \
		return made;                                                                       \
	}

static void *posix_aligned(void *block, int error)
{
	if (error)
		errno = error;
	return error ? NULL : block;
}

SITE(model_malloc, malloc(job->size))
SITE(model_malloc_other, malloc(job->size))
SITE(model_calloc, calloc(1, job->size))
SITE(model_calloc_bytes, calloc(job->size, 1))
SITE(model_realloc_null, realloc(job->block, job->size)) /* of NULL */
SITE(model_reallocarray_null, reallocarray(job->block, job->size, 1))
CODE static void *model_posix_memalign(struct job *job)
{
	int error = posix_memalign(&job->block, job->align, job->size);

	return posix_aligned(job->block, error);
}
SITE(model_memalign, memalign(job->align, job->size))
SITE(model_aligned_alloc, aligned_alloc(job->align, job->size))
SITE(model_valloc, valloc(job->size))
SITE(model_pvalloc, pvalloc(job->size))
SITE(model_new, new_plain(job->size))
SITE(model_new_array, new_array(job->size))
SITE(model_new_nothrow, new_nothrow(job->size, &nothrow))
SITE(model_new_array_nothrow, new_array_nothrow(job->size, &nothrow))
SITE(model_new_aligned, new_aligned(job->size, job->align))
SITE(model_new_array_aligned_nothrow, new_array_aligned_nothrow(job->size, job->align, &nothrow))
SITE(model_realloc, realloc(job->block, job->size))
SITE(model_realloc_other, realloc(job->block, job->size))
SITE(model_reallocarray, reallocarray(job->block, 1, job->size))

void *(*const sites[MODEL_SITES])(struct job *) = {
	[SITE_MALLOC] = model_malloc,
	[SITE_MALLOC_OTHER] = model_malloc_other,
	[SITE_CALLOC] = model_calloc,
	[SITE_CALLOC_BYTES] = model_calloc_bytes,
	[SITE_REALLOC_NULL] = model_realloc_null,
	[SITE_REALLOCARRAY_NULL] = model_reallocarray_null,
	[SITE_POSIX_MEMALIGN] = model_posix_memalign,
	[SITE_MEMALIGN] = model_memalign,
	[SITE_ALIGNED_ALLOC] = model_aligned_alloc,
	[SITE_VALLOC] = model_valloc,
	[SITE_PVALLOC] = model_pvalloc,
	[SITE_NEW] = model_new,
	[SITE_NEW_ARRAY] = model_new_array,
	[SITE_NEW_NOTHROW] = model_new_nothrow,
	[SITE_NEW_ARRAY_NOTHROW] = model_new_array_nothrow,
	[SITE_NEW_ALIGNED] = model_new_aligned,
	[SITE_NEW_ARRAY_ALIGNED_NOTHROW] = model_new_array_aligned_nothrow,
	[SITE_REALLOC] = model_realloc,
	[SITE_REALLOC_OTHER] = model_realloc_other,
	[SITE_REALLOCARRAY] = model_reallocarray,
};

#define ROUTE(number) SITE(route_##number, go_on(job))
ROUTE(0)
ROUTE(1)
ROUTE(2)
ROUTE(3)
ROUTE(4)
ROUTE(5)
ROUTE(6)
ROUTE(7)

void *(*const routes[MODEL_ROUTES])(struct job *) = {
	route_0, route_1, route_2, route_3, route_4, route_5, route_6, route_7};

/* Who must release what a site made. */
enum release { BY_FREE, BY_DELETE, BY_DELETE_ARRAY, BY_ALIGNED_DELETE, BY_ALIGNED_DELETE_ARRAY };

static enum release release_of(uint32_t site)
{
	switch (site) {
	case SITE_NEW:
	case SITE_NEW_NOTHROW:
		return BY_DELETE;
	case SITE_NEW_ARRAY:
	case SITE_NEW_ARRAY_NOTHROW:
		return BY_DELETE_ARRAY;
	case SITE_NEW_ALIGNED:
		return BY_ALIGNED_DELETE;
	case SITE_NEW_ARRAY_ALIGNED_NOTHROW:
		return BY_ALIGNED_DELETE_ARRAY;
	default:
		return BY_FREE;
	}
}

bool site_may_throw(uint32_t site)
{
	return site == SITE_NEW || site == SITE_NEW_ARRAY || site == SITE_NEW_ALIGNED;
}

bool site_can_resize(uint32_t site)
{
	return release_of(site) == BY_FREE;
}

void site_release(uint32_t site, void *at, size_t size, size_t align, uint64_t choice)
{
	switch (release_of(site)) {
	case BY_FREE:
		free(at);
		break;
	case BY_DELETE:
		if (choice == 0)
			delete_plain(at);
		else if (choice == 1)
			delete_sized(at, size);
		else
			delete_nothrow(at, &nothrow);
		break;
	case BY_DELETE_ARRAY:
		if (choice == 0)
			delete_array(at);
		else if (choice == 1)
			delete_array_sized(at, size);
		else
			delete_array_nothrow(at, &nothrow);
		break;
	case BY_ALIGNED_DELETE:
		if (choice == 0)
			delete_aligned(at, align);
		else
			delete_sized_aligned(at, size, align);
		break;
	case BY_ALIGNED_DELETE_ARRAY:
		if (choice == 0)
			delete_array_aligned(at, align);
		else
			delete_array_sized_aligned(at, size, align);
		break;
	}
}

void sites_tell(void)
{
	for (uint32_t i = 0; i < MODEL_SITES; i++)
		told->functions[i] = (uintptr_t)sites[i];
	for (uint32_t i = 0; i < MODEL_ROUTES; i++)
		told->functions[IN_ROUTE + i] = (uintptr_t)routes[i];
}
