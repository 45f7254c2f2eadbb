/*
 * Which programs a process has executed, for a reader who wants to know of those that were not
 * recorded: exec_log= names a file, which must be there, and each attempt adds
 *
 *     PID SPACE CLOCK_REALTIME-in-ns NUL working directory NUL file NUL
 *
 * to it, in one write. A file without a slash is one that is looked for in PATH. A record with an
 * empty file takes the last attempt of the process back: it failed. Does nothing without the
 * option, or when the log cannot be written. Any thread, also in the child of vfork.
 */
#ifndef LEAK_EXEC_LOG_H
#define LEAK_EXEC_LOG_H

#include "preload/options.h"

/* This process is about to execute a file. `search`: a name without a slash is looked for in PATH.
 */
void exec_log_note(const char *file, bool search);

/* The same of a file as execveat names it: "" is the descriptor's own. */
void exec_log_note_at(int fd, const char *path);

/* What this process noted last came to nothing. */
void exec_log_failed(void);

/* Now, for exec_log_spawned, before the child is there. 0 without the option. */
uint64_t exec_log_moment(void);

/* A child was started that executes a file, at some time after `before_ns`. */
void exec_log_spawned(int pid, uint64_t before_ns, const char *file, bool search);

#endif
