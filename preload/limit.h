/*
 * On the brink: a snapshot when the process comes close to a limit on its memory (limit=90), and
 * when an allocation fails. Nobody may be there to ask when the kernel kills it.
 */
#ifndef LEAK_LIMIT_H
#define LEAK_LIMIT_H

#include <stddef.h>
#include <stdint.h>

/* Finds out which limits there are, with limit=. Start-up, also in a forked child. */
void limit_start(void);

/* Compares what is used with what may be, with limit=: in an event, about once a second. System
 * calls; any thread, also in a signal handler. */
void limit_check(void);

/* The process holds so many bytes more: looks again when it is a MiB since it last did. */
void limit_grew(uint64_t bytes);

/* An allocation of that many bytes failed: counted, and noted the first, second, fourth, eighth …
 * time. Returns NULL, for the hook to return. Any thread. */
void *limit_failed(size_t size);

#endif
