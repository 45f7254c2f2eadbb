/*
 * The compiler's own unwinder, which runs C++ exceptions: libgcc_s, loaded privately. It reads
 * every form of call frame information, remembers nothing and never guesses, so it is the judge
 * where two others differ (verify.c). It believes what it reads: on a stack whose description is
 * wrong it may fault. It takes no lock where libgcc finds objects by _dl_find_object (GCC 12).
 */
#include <dlfcn.h>
#include <errno.h>
#include <unwind.h>

#include "preload/unwind.h"
#include "preload/text.h"
#include "preload/threads.h"
#include "preload/walk.h"

static __typeof__(&_Unwind_Backtrace) backtrace;
static __typeof__(&_Unwind_GetIPInfo) get_ip;
static __typeof__(&_Unwind_GetCFA) get_cfa;

static bool start(bool talk)
{
	TEXT(t, 160);
	void *library;

	thread_in_backend(true);
	library = dlopen("libgcc_s.so.1", RTLD_NOW | RTLD_LOCAL);
	if (library) {
		backtrace = (__typeof__(backtrace))dlsym(library, "_Unwind_Backtrace");
		get_ip = (__typeof__(get_ip))dlsym(library, "_Unwind_GetIPInfo");
		get_cfa = (__typeof__(get_cfa))dlsym(library, "_Unwind_GetCFA");
	}
	thread_in_backend(false);
	if (backtrace && get_ip && get_cfa)
		return true;
	text_add(&t, "libleak: libgcc_s.so.1 cannot be loaded; using unwind=cfi");
	if (talk)
		text_print(&t);
	return false;
}

struct walk {
	const struct frame_start *at;
	struct trace *t;
	const struct step_table *table;
	bool begun, ended;
	uint64_t last_step;
};

static _Unwind_Reason_Code take_frame(struct _Unwind_Context *context, void *argument)
{
	struct walk *w = argument;
	struct trace *t = w->t;
	int exact;
	uint64_t address = get_ip(context, &exact), key;

	/* Our own frames come first. */
	if (!w->begun && (address != w->at->ip || get_cfa(context) != w->at->sp))
		return _URC_NO_REASON;
	w->begun = true;
	if (!address) {
		w->ended = true;
		return _URC_NORMAL_STOP;
	}
	address |= exact ? STEP_KEY_EXACT : 0;
	w->last_step = walk_step(&w->table, address, &key);
	t->through_signal |= exact;
	if (STEP_FAMILY(w->last_step) && !t->through_signal) {
		t->family = STEP_FAMILY(w->last_step);
		t->count = 0;
		return _URC_NO_REASON;
	}
	t->frames[t->count++] = key;
	if (t->count < t->capacity)
		return _URC_NO_REASON;
	/* Now, not at the next frame: to find that one it reads the stack. */
	t->flags |= NODE_TRUNCATED;
	w->ended = true;
	return _URC_NORMAL_STOP;
}

static ARCH_ALIGNS_STACK void walk(
	const struct frame_start *at, uintptr_t stack_high, struct trace *t)
{
	struct walk w = {.at = at,
		.t = t,
		.table = atomic_load_explicit(&steps_table, memory_order_acquire)};
	int saved = errno;

	(void)stack_high;
	t->count = t->flags = 0;
	t->family = 0;
	t->through_signal = false;
	thread_in_backend(true);
	backtrace(take_frame, &w);
	thread_in_backend(false);
	errno = saved;
	/* It ends with an address of zero above the outermost frame, and without where there is no
	 * description; the loader's entry point has none, and is outermost (steps.c). */
	if (!w.ended && STEP_KIND(w.last_step) != STEP_END)
		t->flags |= NODE_PARTIAL;
}

const struct unwinder unwind_libgcc = {.name = "libgcc", .start = start, .walk = walk};
