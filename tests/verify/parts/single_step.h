/* Makes an event at every instruction between step_on and step_off: the trap flag raises SIGTRAP after
 * each, and the handler maps and unmaps a page, which is safe anywhere. Needs frame pointers in the
 * function that steps, because the assembly pushes. */
#ifndef SINGLE_STEP_H
#define SINGLE_STEP_H

#include <signal.h>
#include <sys/mman.h>

static volatile int steps;

static void stepped(int number)
{
	void *page = mmap(0, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	steps += munmap(page, 4096) == 0 && number == SIGTRAP;
}

static inline __attribute__((always_inline)) void step_on(void)
{
	signal(SIGTRAP, stepped);
	__asm__ volatile("pushfq\n\torq $0x100, (%%rsp)\n\tpopfq" ::: "memory", "cc");
}

static inline __attribute__((always_inline)) void step_off(void)
{
	__asm__ volatile("pushfq\n\tandq $~0x100, (%%rsp)\n\tpopfq" ::: "memory", "cc");
}

#endif
