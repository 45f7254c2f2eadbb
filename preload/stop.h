/*
 * Makes the other threads of the process hold still, each at a known place with its registers in
 * memory, and lets them go again. Without ptrace: by a signal to each.
 *
 * The signal is the one by which libc changes user ids in all threads (33): no program can block
 * it, wait for it or use it through libc, so nobody else takes it for his own. libc's handler gets
 * what is not ours. It interrupts system calls, most of which go on by themselves (SA_RESTART), or
 * are made again (waits.h); those with a timeout (poll, epoll_wait, usleep) return EINTR. So this
 * is only for a process that ends, where such threads are not let go, or where the user asked for
 * it. Signals of the caller wait meanwhile.
 */
#ifndef LEAK_STOP_H
#define LEAK_STOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A thread that holds still. What is valid is so until stop_release. */
struct stopped {
	int tid;
	uintptr_t stack_pointer, thread_pointer;
	const uint64_t *registers; /* all of them, also the vector registers, as words */
	size_t register_words;
};

struct stop {
	struct stopped *threads; /* without the caller */
	size_t count, capacity;
	size_t unmet; /* threads that did not take the signal in time: they run on */
};

/* Stops them all. False, and nobody is stopped, when it cannot be known who there is, or there is
 * no memory to note it. One thread of a process at a time: another's gets false. */
bool stop_others(struct stop *ret);

/* `finally`: the process is about to end. A thread whose system call would now fail because of us
 * stays where it is. */
void stop_release(struct stop *stop, bool finally);

#endif
