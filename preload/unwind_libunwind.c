/*
 * The portable back end: libunwind, loaded privately so that its _Unwind_* and backtrace never
 * reach the program. It takes locks, makes system calls and keeps descriptors: for comparison, and
 * for machines that our own walker does not know. Never the default.
 */
#include <dlfcn.h>
#include <errno.h>

#include "preload/unwind.h"
#include "preload/text.h"
#include "preload/threads.h"
#include "preload/walk.h"

static int (*backtrace)(void **frames, int size);

static bool start(bool talk)
{
	TEXT(t, 160);
	void *library;

	/* Its own allocations, now and in walks, are none of the program's. */
	thread_in_backend(true);
	library = dlopen("libunwind.so.8", RTLD_NOW | RTLD_LOCAL);
	if (library)
		backtrace = (int (*)(void **, int))dlsym(library, "unw_backtrace");
	thread_in_backend(false);
	if (backtrace)
		return true;
	text_add(&t, "libleak: unwind=libunwind: libunwind.so.8 cannot be loaded; using unwind=cfi "
		     "(install libunwind8)");
	if (talk)
		text_print(&t);
	return false;
}

static ARCH_ALIGNS_STACK void walk(
	const struct frame_start *at, uintptr_t stack_high, struct trace *t)
{
	const struct step_table *table;
	bool exact = false;
	int saved = errno, n, i;

	(void)stack_high;
	t->count = t->flags = 0;
	t->family = 0;
	t->through_signal = false;
	thread_in_backend(true);
	n = backtrace((void **)t->frames, (int)t->capacity);
	thread_in_backend(false);
	errno = saved;
	/* Our own frames come first; the caller's begins with the address that the hook returns to.
	 */
	for (i = 0; i < n && t->frames[i] != at->ip; i++)
		;
	if (i == n) {
		t->frames[0] = at->ip;
		i = 0;
		n = 1;
		t->flags |= NODE_PARTIAL;
	}
	table = atomic_load_explicit(&steps_table, memory_order_acquire);
	for (; i < n && t->frames[i]; i++) {
		uint64_t address = t->frames[i] | (exact ? STEP_KEY_EXACT : 0), key;
		uint64_t step = walk_step(&table, address, &key);

		exact = STEP_KIND(step) == STEP_SIGNAL;
		t->through_signal |= exact;
		if (STEP_FAMILY(step) && !t->through_signal) {
			t->family = STEP_FAMILY(step);
			t->count = 0;
			continue;
		}
		t->frames[t->count++] = key;
	}
	if (n == (int)t->capacity)
		t->flags |= NODE_TRUNCATED;
}

const struct unwinder unwind_libunwind = {.name = "libunwind", .start = start, .walk = walk};
