// Thread-local variables of a library that was loaded later keep blocks, in all threads.
// classes: reachable=100/2
// explain: possible=-60/-1 reachable=60/1: libc points into a thread's table of such blocks
// loader: possible=0/-3 reachable=0/3: the same, for the table and the block of variables, and its list of
// what is mapped, aligned by hand
// flags: -lpthread
// lib: kept parts/tls_library.c
#include "parts/far.h"
#include "parts/sleeper.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

static void (*keep)(size_t size);

static void keep_60(void)
{
	keep(60);
}

static void *thread(void *nothing)
{
	far_below(keep_60);
	(void)nothing;
	return sleep_for_ever();
}

static void work(void)
{
	void *library = dlopen("./libkept.so", RTLD_NOW);
	keep = library ? (void (*)(size_t))dlsym(library, "keep_in_tls") : NULL;
	if (!keep)
		exit(1);
	keep(40);
	start_sleeper(thread, NULL, NULL);
}

int main(void)
{
	far_below(work);
	return 0;
}
