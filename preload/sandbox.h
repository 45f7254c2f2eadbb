/*
 * Whether the program has entered a sandbox by itself, after which a system call that it does not
 * expect may be its end.
 */
#ifndef LEAK_SANDBOX_H
#define LEAK_SANDBOX_H

#include <stdatomic.h>
#include <stdint.h>
#include <sys/prctl.h>

enum sandbox {
	SANDBOX_NONE,
	SANDBOX_FILTER, /* the program's own filter judges every system call, from now on or soon */
	SANDBOX_STRICT, /* read, write and exit only: everything else kills */
};

extern _Atomic uint32_t sandbox_state;

static inline enum sandbox sandbox(void)
{
	return (enum sandbox)atomic_load_explicit(&sandbox_state, memory_order_relaxed);
}

/* Notes what a successful prctl may begin. PR_SET_NO_NEW_PRIVS counts: who has no privileges needs
 * it before a filter, and libseccomp sets it always; the filter itself is then often set by a raw
 * system call, which nobody sees. What was there when the process began is not counted: it let the
 * recorder start. Any thread, also in a child of vfork, whose parent is then taken for one, too: it
 * only records more slowly. */
void sandbox_note(int option, unsigned long value);

#endif
