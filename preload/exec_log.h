/*
 * Which programs a process has executed, for a reader who wants to know of those that were not
 * recorded: exec_log= names a file, which must be there, and each attempt adds
 *
 *     PID SPACE CLOCK_REALTIME-in-ns NUL working directory NUL file NUL
 *
 * to it, in one write. A file without a slash is one that is looked for in PATH. Does nothing
 * without the option, or when the file cannot be written. Any thread, also in the child of vfork.
 */
#ifndef LEAK_EXEC_LOG_H
#define LEAK_EXEC_LOG_H

#include "preload/options.h"

/* Process `pid`, which is this one or a child, executes a file, or is about to. `search`: a name
 * without a slash is looked for in PATH. */
void exec_log_note(int pid, const char *file, bool search);

/* This process is about to execute a file as execveat names it: "" is the descriptor's own. */
void exec_log_note_at(int fd, const char *path);

#endif
