/* The unwinding itself: from a thread's registers in a core to its frames, by libdwfl. */
#ifndef LEAK_CORE_UNWIND_H
#define LEAK_CORE_UNWIND_H

#include "core_file.h"
#include "core_modules.h"
#include "symbol_file.h"

#define UNWIND_EXACT 1u   /* the thread was at this very instruction, it is no return address */
#define UNWIND_END 2u     /* no frame: the thread's stack is complete */
#define UNWIND_PARTIAL 4u /* no frame: it goes on, and could not be unwound */
#define UNWIND_CUT 8u     /* no frame: it goes on beyond the limit */

/* What goes through the pipe: a frame, or the end of a thread. */
struct unwind_record {
	uint32_t thread; /* in core->threads */
	uint32_t flags;  /* UNWIND_* */
	uint64_t address;
	uint64_t stack_pointer; /* the frame's; 0: not known */
};

/* Writes the frames of all threads to `out`, at most `frames_max` of each, innermost first. Runs in
 * a process of its own, and may crash it, or take for ever. */
void core_unwind(const struct core_file *core, const struct core_modules *modules,
	const struct symbol_search *search, size_t frames_max, int out);

#endif
