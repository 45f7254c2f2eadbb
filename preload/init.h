/*
 * The recorder's life: its start at the first event of a process (also of a forked child), and its
 * end, which comes as late as a process lets anybody act.
 */
#ifndef LEAK_INIT_H
#define LEAK_INIT_H

#include <stdbool.h>

#include "preload/hot.h"
#include "preload/image_format.h"

/* Has this object been relocated? Before that no pointer of ours works. No GOT, no TLS, no PLT. */
bool init_relocated(void);

/* Makes hot.state READY or OFF if it can; call when a hook finds it otherwise, and only when
 * relocated. Afterwards the real functions can be called, whatever the state is. */
void init_start(void);

/* In a child that a hook has forked, before anything else: does what the kernel could not. */
void init_forked(void);

/* Is this the process that is recorded? Not a forked child that never started, nor a vfork child,
 * which shares its memory. */
bool init_is_here(void);

/* Marks how the process ends: with a status, or by executing another program. */
void init_end(enum image_state state, int exit_status);

/* The status that quick_exit was called with, for the handler that ends the image. */
void init_quick_status(int exit_status);

/* Executing another program failed: we go on. */
void init_end_revoked(void);

#endif
