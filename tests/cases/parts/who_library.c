/* A library that keeps blocks by its variables, for who_keeps.c. */
#include <stdlib.h>

static void *library_static;
void *library_global[3];
static __thread void *library_tls;

__attribute__((noinline)) static void *make_for_library(size_t size)
{
	return malloc(size);
}

void library_keep(void)
{
	library_static = make_for_library(201);
	library_global[2] = make_for_library(202);
}

__attribute__((noinline)) static void *make_for_library_tls(void)
{
	return malloc(203);
}

void library_keep_in_thread(void)
{
	library_tls = make_for_library_tls();
}
