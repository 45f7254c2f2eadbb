/* Start and end of the recorder, see init.h. */
#include <errno.h>
#include <link.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "preload/init.h"
#include "preload/arena.h"
#include "preload/check.h"
#include "preload/check_copy.h"
#include "preload/check_results.h"
#include "preload/check_rows.h"
#include "preload/clock.h"
#include "preload/core_filter.h"
#include "preload/early.h"
#include "preload/elf.h"
#include "preload/epochs.h"
#include "preload/image.h"
#include "preload/live.h"
#include "preload/modules.h"
#include "preload/options.h"
#include "preload/output.h"
#include "preload/process.h"
#include "preload/real.h"
#include "preload/regions.h"
#include "preload/root_regions.h"
#include "preload/sandbox.h"
#include "preload/stacks.h"
#include "preload/steps.h"
#include "preload/summary.h"
#include "preload/sys.h"
#include "preload/text.h"
#include "preload/threads.h"
#include "preload/trampoline.h"
#include "preload/trigger.h"
#include "preload/unwind.h"
#include "preload/verify.h"

const struct unwinder *unwinder = &unwind_cfi;

static const struct unwinder *const unwinders[] = {
	&unwind_cfi, &unwind_full, &unwind_libunwind, &unwind_libgcc};

/* What the very first start did, in private memory: a forked child finds it done. */
static bool process_known, steps_known, handlers_set;

static bool *relocated_probe = &process_known;

bool init_relocated(void)
{
	/* The pointer's initial value is written by the loader; the address is computed here. */
	bool *volatile *probe = &relocated_probe;

	return *probe == &process_known;
}

/* What was stderr when the program started. A descriptor of the same number may be a file of the
 * program's by the time it ends, where a line of ours would be a line too many. */
static dev_t stderr_device;
static ino_t stderr_inode; /* 0: it was closed */

static void note_stderr(void)
{
	struct stat st;

	if (sys_failed(sys_fstat(2, &st)))
		return;
	stderr_device = st.st_dev;
	stderr_inode = st.st_ino;
}

static bool stderr_is_the_same(void)
{
	struct stat st;

	return !sys_failed(sys_fstat(2, &st)) && st.st_dev == stderr_device &&
	       st.st_ino == stderr_inode;
}

/* What somebody must know who reads a core of the process. */
static void tell_where(void)
{
	image->allocator = (uintptr_t)real.malloc;
	image->main_stack_end = process.stack_end;
	image->root_pages = (uintptr_t)root_regions_list();
}

/* Tables that belong to one process, made afresh for each. */
static bool start_tables(bool forked)
{
	arena_forget();
	if (!image_create(forked))
		return false;
	tell_where();
	threads_start(process.stack_end);
	epochs_forget();
	check_rows_forget();
	check_results_forget();
	check_copy_forget();
	check_forget();
	if (!live_start(real_granule_shift()) || !stacks_start() || !regions_start())
		return false;
	if (forked)
		modules_inherit();
	else
		modules_start();
	epochs_add(EPOCH_START, NULL);
	image->lost[LOST_EARLY_BLOCKS] = early_count();
	image->lost[LOST_HIDDEN_ALLOCATORS] = real_hidden();
	return true;
}

/* What the program says by __lsan_default_suppressions, in its own memory; NULL: nothing. */
static const char *program_suppressions;

/* For readers. A forked child has an image of its own; the parent's own words are still there. */
static void keep_suppressions(void)
{
	if (options.suppressions_given)
		image_add_text(TEXT_SUPPRESSIONS_FILE, options.suppressions);
	if (program_suppressions && program_suppressions[0])
		image_add_text(TEXT_SUPPRESSIONS, program_suppressions);
}

/* An emulator of another machine (qemu-user) does as if it had done what it does not know: there
 * only hooks see a fork. A kernel refuses advice that does not exist, and gives us a vDSO, so that
 * it need not be asked. */
static bool only_hooks_see_forks;

static bool have_fork_seen(void)
{
	if (sys_failed(sys_madvise(&hot, sizeof(hot), MADV_WIPEONFORK)))
		return false;
	only_hooks_see_forks = !process.vdso && !sys_failed(sys_madvise(&hot, sizeof(hot), -1));
	return true;
}

void init_forked(void)
{
	if (only_hooks_see_forks)
		hot = (union hot_page){.page = {0}};
}

/* There is no memory for the tables: the image, if there is one, says so. */
static SLOW void leave_word(void)
{
	if (!image)
		return;
	image_count_lost(LOST_NOT_STARTED, 1);
	image_finish(IMAGE_RUNNING, 0, true);
}

/* Runs in the first event of a process, or of a forked child: one thread, perhaps inside the
 * loader. */
static SLOW void start(void)
{
	bool forked = process_known;

	if (forked) {
		image_forget();
		steps_inherit();
		verify_forget();
		/* It would have to open an image of its own. Who forked it has counted it. */
		if (sandbox_may_kill()) {
			hot.state = HOT_OFF;
			return;
		}
	} else {
		process_read();
		process_known = true;
		real_resolve();
		trampoline_find();
	}
	if (process.secure || real_is_late() || real_is_confined()) {
		hot.state = HOT_OFF;
		return;
	}
	/* Without it a forked child would take its parent's tables for its own. */
	if (!have_fork_seen()) {
		hot.state = HOT_OFF;
		return;
	}
	if (!forked)
		clock_find(process.vdso);
	clock_start();
	if (!forked) {
		options_read(process_variable("LEAK_OPTIONS"), true);
		options_read_lsan(process_variable("LSAN_OPTIONS"));
		output_start();
		if (options.core)
			core_filter_start();
		if (options.summary)
			note_stderr();
	}
	if (!steps_known && !(steps_known = steps_start())) {
		hot.state = HOT_OFF;
		return;
	}
	if (!start_tables(forked)) {
		hot.state = HOT_OFF;
		leave_word();
		return;
	}
	if (forked)
		keep_suppressions();
	trigger_start(false);
	__atomic_store_n(&image->state, IMAGE_RUNNING, __ATOMIC_RELEASE);
	__atomic_store_n(&hot.state, HOT_READY, __ATOMIC_RELEASE);
}

SLOW void init_start(void)
{
	uint32_t cold = HOT_COLD;

	/* Others pass their events through meanwhile; in practice nobody else is there yet. */
	if (__atomic_compare_exchange_n(
		    &hot.state, &cold, HOT_STARTING, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		start();
	else if (cold == HOT_STARTING)
		image_count_lost(LOST_LATE_STARTS, 1);
}

/* ---- the end ---- */

static bool blocks_left(void)
{
	struct image_thread sum;

	threads_sum(&sum);
	return sum.allocs != sum.frees;
}

/* Is there no block and no region left, and nothing that was not recorded and might be one? */
static bool nothing_left(void)
{
	static const enum image_lost unseen[] = {LOST_DROPPED_EVENTS, LOST_EARLY_BLOCKS,
		LOST_LATE_STARTS, LOST_DROPPED_REGIONS, LOST_HIDDEN_ALLOCATORS, LOST_NAMESPACES};

	for (size_t i = 0; i < sizeof(unseen) / sizeof(unseen[0]); i++) {
		if (image->lost[unseen[i]])
			return false;
	}
	return !blocks_left() && regions_live() == 0;
}

static void print_summary(bool removed, const struct image_check *check)
{
	struct image_thread sum;
	TEXT_STATIC(t, 1024 + 512);

	/* In a sandbox nothing is done at the end that nobody asked for. */
	if (options.summary ? sandbox_may_kill() || !stderr_is_the_same()
			    : sandbox_entered() || !sys_terminal_takes_line())
		return;
	threads_sum(&sum);
	summary_begin(&t);
	if (!summary_of_rest(&t, sum.alloc_bytes - sum.free_bytes, sum.allocs - sum.frees, check) &&
		!options.summary)
		return;
	if (removed) {
		text_add(&t, "; no image is kept (keep=leaks)");
	} else if (!options.file) {
		text_add(&t, "; no image was wanted (file=0)");
	} else {
		summary_where(&t);
	}
	text_print(&t);
}

static __attribute__((noinline)) void end(
	enum image_state state, int exit_status, const struct roots_caller *caller)
{
	const struct image_check *check = NULL;
	bool removed;

	check_look_after(true);
	image->lost[LOST_NAMESPACES] = real_namespaces();
	if (state == IMAGE_CLEAN && options.classes && blocks_left())
		check = check_at_end(caller);
	epochs_add(EPOCH_END, NULL);
	removed = state == IMAGE_CLEAN && options.keep == KEEP_LEAKS && nothing_left() &&
		  image_remove();
	image_finish(state, exit_status, !removed);
	print_summary(removed, check);
	if (options.verify)
		verify_print(process.exe_name, (uint64_t)image->pid);
}

bool init_is_here(void)
{
	return hot.state == HOT_READY && sys_getpid() == image->pid;
}

/* Its frame is among the roots of the check, since what the program had in registers may be saved
 * there. So all that lies in it is set, and it is small: a variable that is not set yet would show
 * what the program left on its stack. */
void init_end(enum image_state state, int exit_status)
{
	uint64_t registers[ARCH_REGISTERS] = {0};
	struct roots_caller caller = roots_caller_here(registers);

	/* It calls: nothing of its own lies in the red zone. */
	caller.stack_pointer = registers[ARCH_DWARF_SP] + ARCH_RED_ZONE;
	if (init_is_here() && image->state != IMAGE_CLEAN)
		end(state, exit_status, &caller);
}

void init_end_revoked(void)
{
	if (init_is_here() && image->state == IMAGE_EXEC)
		image_revive();
}

static void at_exit(int status, void *unused)
{
	(void)unused;
	init_end(IMAGE_CLEAN, status);
}

/* Registered without a DSO handle, and before the loader registers its own: so they run last of
 * all. */
extern int __cxa_at_quick_exit(void (*handler)(void *), void *dso);

static int quick_status;

void init_quick_status(int exit_status)
{
	quick_status = exit_status;
}

static void at_quick_exit_handler(void *unused)
{
	(void)unused;
	init_end(IMAGE_CLEAN, quick_status);
}

/* The unwinder that an option names, ready for use, else NULL: then that is said. */
static const struct unwinder *usable_unwinder(const char *option, const char *name)
{
	TEXT(t, OPTION_TEXT_MAX + 128);

	for (size_t i = 0; i < sizeof(unwinders) / sizeof(unwinders[0]); i++) {
		if (text_equal(name, unwinders[i]->name))
			return unwinders[i]->start(true) ? unwinders[i] : NULL;
	}
	text_add(&t, "libleak: LEAK_OPTIONS: ");
	text_add(&t, option);
	text_add(&t, "='");
	text_add(&t, name);
	text_add(&t, "' is unknown; using ");
	text_add(&t, option);
	text_add(&t, "=cfi (LEAK_OPTIONS=help=1 lists the options)");
	text_print(&t);
	return NULL;
}

/* Here and not at the first event: libunwind is loaded by the loader, which may be the caller then.
 */
static void select_unwinder(void)
{
	const struct unwinder *selected = usable_unwinder("unwind", options.unwind);

	if (selected)
		unwinder = selected;
	if (options.verify)
		verify_start(usable_unwinder("oracle", options.oracle));
}

/* What a function of the program's own returns, NULL when it has none of that name. */
static const char *ask_function(const char *name)
{
	extern struct r_debug _r_debug __attribute__((weak));
	const struct link_map *program = &_r_debug ? _r_debug.r_map : NULL;
	const char *(*function)(void) =
		program ? elf_symbol(program->l_addr, program->l_ld, name) : NULL;

	return function ? function() : NULL;
}

/* What a program that is annotated for LeakSanitizer wants, in the absence of other words. */
static void ask_program(void)
{
	options_read_lsan(ask_function("__lsan_default_options"));
	program_suppressions = ask_function("__lsan_default_suppressions");
}

__attribute__((constructor)) static void construct(void)
{
	int saved = errno;

	if (hot.state == HOT_COLD)
		init_start();
	on_exit(at_exit, NULL);
	__cxa_at_quick_exit(at_quick_exit_handler, NULL);
	if (hot.state == HOT_READY && !handlers_set) {
		handlers_set = true;
		select_unwinder();
		ask_program();
		keep_suppressions();
		trigger_start(true);
	}
	errno = saved;
}
