/* What the unit tests of the recorder's tables share: an image of their own in a temporary directory. */
#ifndef LEAK_TESTS_TABLES_H
#define LEAK_TESTS_TABLES_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "preload/arena.h"
#include "preload/clock.h"
#include "preload/image.h"
#include "preload/live.h"
#include "preload/options.h"
#include "preload/process.h"

static inline void tables_remove(void)
{
	if (image_path()[0])
		unlink(image_path());
}

/* Starts an image as init.c does, with nothing but the storage. */
static inline void tables_start(void)
{
	static bool registered;
	char name[64];

	if (!registered)
		atexit(tables_remove);
	registered = true;
	tables_remove();
	process_read();
	clock_find(process.vdso);
	clock_start();
	snprintf(name, sizeof(name), "output=/tmp/leak-unit.%d.%%n.leak", (int)getpid());
	options_read(name, true);
	arena_forget();
	image_forget();
	assert_true(image_create(false));
}

/* A fast generator with a fixed seed: xorshift64*. */
static inline uint64_t tables_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 2685821657736338717ull;
}

#endif
