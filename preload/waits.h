/*
 * System calls that wait without an end, or until a moment: so that a thread that was stopped in
 * one goes on waiting, where the kernel would have the call fail with EINTR (signal(7): pause,
 * poll, select, epoll_wait, sleep, sigtimedwait, semop are never restarted).
 *
 * A handler does not learn which call it has interrupted: the kernel keeps that to itself, and has
 * put the result into its place. So the call is looked up before the signal is sent, as /proc tells
 * it (proc(5), /proc/pid/syscall), and is made again only where the thread still stands behind a
 * system call with that stack pointer and those arguments. One that waits for a while (poll with a
 * timeout) would wait longer than it was asked to: it fails with EINTR, as after any signal.
 */
#ifndef LEAK_WAITS_H
#define LEAK_WAITS_H

#include <stdbool.h>
#include <stdint.h>

struct wait {
	bool goes_on; /* it is of that kind */
	bool seen;    /* it waits in a call; else nothing else here is valid */
	uint64_t number, arguments[6];
	uint64_t stack_pointer, ip;
};

/* What a thread of this process waits in just now. */
void waits_look(int tid, struct wait *ret);

/* Is it for a child that has the thread's memory, to end or execute something (vfork, posix_spawn)?
 * No signal is delivered meanwhile. */
bool waits_for_child(const struct wait *wait);

/* In a signal handler that interrupted the thread: it calls again when the handler returns, unless
 * a signal of its own is to be delivered, which ends the wait. `context` is a ucontext_t. */
void waits_go_on(const struct wait *wait, void *context);

/* Has the signal ended the call when a part was done? Then it has not failed, but has written, sent
 * or received less than it would have waited for. */
bool waits_was_cut_short(const struct wait *wait, void *context);

#endif
