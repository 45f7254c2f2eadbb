/*
 * What every hook begins with.
 *
 * A hook is what the program calls instead of libc's or the C++ library's function: it calls the
 * real one (real.h) and tells track.h. What it returns, and errno, is the real function's. No state
 * of ours is held while a real function runs: it may throw, jump, fork, or never return.
 *
 * The hooks lie in a section of their own, so that the unwinder knows a frame of theirs, and they
 * keep frame pointers, so that the caller's registers are found at a fixed place (see the
 * Makefile).
 */
#ifndef LEAK_HOOK_H
#define LEAK_HOOK_H

#include "preload/clock.h"
#include "preload/hot.h"
#include "preload/sys.h"
#include "preload/trigger.h"

#define EXPORT __attribute__((visibility("default"), section("leak_hooks"), noinline))
#define FRAME ARCH_FRAME

/* What a hook may do now. */
enum way {
	RECORD,
	PASS,  /* call the real function and leave it at that */
	EARLY, /* there is no real function yet */
};

/* Starts the recorder, if it can be started. Out of line: once per process. */
enum way hook_wake(void);

/* Not that, if there are real functions to call already. */
enum way hook_pass(void);

static inline enum way enter(void)
{
	return likely(hot.state == HOT_READY) ? RECORD : hook_wake();
}

/* The same for hooks that record a block, whose moment is wanted. Called before the real function,
 * so that nothing need be kept over this. */
static inline enum way enter_to_alloc(void)
{
	if (unlikely(hot.state != HOT_READY))
		return hook_wake();
	if (clock_note_is_old())
		trigger_second();
	return RECORD;
}

/* The same for hooks that record nothing by themselves: a forked child in which nothing else
 * happens needs no recording, and no image. */
static inline enum way enter_quietly(void)
{
	return likely(hot.state == HOT_READY) ? RECORD : hook_pass();
}

/* A raw system call's result as libc's functions give it. */
void *hook_result_of(long ret);

#endif
