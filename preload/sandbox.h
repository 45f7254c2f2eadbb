/*
 * Whether the process has entered a sandbox by itself, whose filter may kill for a system call that
 * it does not expect. From then on the recorder asks for no more than malloc does, and opens
 * nothing. (A thread in strict mode records nothing at all: thread_confine.)
 */
#ifndef LEAK_SANDBOX_H
#define LEAK_SANDBOX_H

#include <stdbool.h>
#include <stdint.h>

bool sandbox_entered(void);

/* Entered, and as far as is known it does kill. */
bool sandbox_may_kill(void);

/* What the kernel said to a call that only a filter refuses so: one that answers one call with an
 * error will do so with others. */
void sandbox_heard(long ret);

/* The process is about to enter one (true), or did not after all. Any thread. */
void sandbox_note(bool enters);

/* RLIMIT_AS: the present one, in a sandbox that of its beginning. */
uint64_t sandbox_address_space(void);

#endif
