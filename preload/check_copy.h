/*
 * A check of a process that goes on: its threads hold still while a picture is taken and the
 * process is forked, and run on while the copy is scanned. No ptrace, no privilege.
 *
 * The copy is a child that nobody but us can wait for (no SIGCHLD; only with __WCLONE), blocks all
 * signals, closes all descriptors, and runs nothing of the program's. Where there can be no child,
 * or the image is not in a file that it could write to, the process itself is scanned, which takes
 * longer. Of files' pages that only the page cache has, the copy sees the present contents.
 */
#ifndef LEAK_CHECK_COPY_H
#define LEAK_CHECK_COPY_H

#include <stdbool.h>

#include "preload/image_format.h"

/* Begins a check; its row says when it is done. Nothing when another one is under way. Any thread,
 * also in a signal handler. */
void check_aside(enum check_trigger trigger);

/* Sees whether a check that was begun has ended: called now and then. `finally`: the process ends,
 * and with it the check. */
void check_look_after(bool finally);

/* In a forked child: the parent's copy is not ours. */
void check_copy_forget(void);

#endif
