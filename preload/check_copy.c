/* Checks of a running process, see check_copy.h. */
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>

#include "preload/check_copy.h"
#include "preload/check_rows.h"
#include "preload/check_scan.h"
#include "preload/image.h"
#include "preload/options.h"
#include "preload/process.h"
#include "preload/sandbox.h"
#include "preload/storage.h"
#include "preload/sys.h"

#define PAIRS 4096 /* room for pairs of sites that lose each other's blocks */

#ifndef SYS_close_range
#define SYS_close_range 436
#endif
#define DESCRIPTORS_WITHOUT_RANGE 1024 /* closed one by one before Linux 5.9 */

/* One check at a time; its row and its copy, until that is over. */
static atomic_flag busy = ATOMIC_FLAG_INIT;
static struct image_check *row;
static _Atomic int copy; /* its pid, 0: none */

void check_copy_forget(void)
{
	atomic_flag_clear(&busy);
	atomic_store(&copy, 0);
}

/* ---- in the copy ---- */

static void close_all(void)
{
	if (!sys_failed(sys_call3(SYS_close_range, 0, ~0u, 0)))
		return;
	for (int fd = 0; fd < DESCRIPTORS_WITHOUT_RANGE; fd++)
		sys_close(fd);
}

/* A fault ends the copy, without the program's handlers and without a core. */
static void let_faults_end_it(void)
{
	static const int faults[] = {SIGSEGV, SIGBUS};
	struct {
		void (*handler)(int);
		unsigned long flags;
		void (*restorer)(void);
		uint64_t mask;
	} action = {.handler = SIG_DFL};
	const struct rlimit none = {0, 0};

	sys_call4(SYS_prlimit64, 0, RLIMIT_CORE, &none, NULL);
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		sys_call4(SYS_rt_sigaction, faults[i], &action, NULL, sizeof(uint64_t));
}

static __attribute__((noreturn)) void scan_copy(struct check *check, uint64_t started_ns)
{
	enum check_failure failure;
	uint64_t unknown = 0, pause_ns = check_clock_ns() - started_ns;

	/* The process may be late to tell how long it stood still: the row is read when we end. */
	__atomic_compare_exchange_n(&check->row->pause_ns, &unknown, pause_ns, false,
		__ATOMIC_RELAXED, __ATOMIC_RELAXED);
	close_all();
	let_faults_end_it();
	failure = check_scan(check);
	if (!failure)
		check_store(check);
	check->row->scan_ns = check_clock_ns() - started_ns;
	check->row->failure = failure;
	/* The process counts failures: the counters are not in here. */
	__atomic_store_n(&check->row->state, failure ? CHECK_FAILED : CHECK_DONE, __ATOMIC_RELEASE);
	for (;;)
		sys_call1(SYS_exit_group, failure);
}

/* ---- in the process ---- */

/* Has the copy these bytes of the image, too, shared with us? */
static bool share(const void *start, uint64_t size, bool on)
{
	uintptr_t within = process_page() - 1, from = (uintptr_t)start & ~within;
	uintptr_t end = ((uintptr_t)start + size + within) & ~within;

	return !sys_failed(sys_madvise((void *)from, end - from, on ? MADV_DOFORK : MADV_DONTFORK));
}

static bool share_results(const struct check *check, bool on)
{
	bool ok = share(check->row, sizeof(*check->row), on);

	ok &= share(check->results.classes, check->results.classes->size, on);
	ok &= share(check->results.indirect, check->results.indirect->size, on);
	if (check->results.paths)
		ok &= share(check->results.paths, check->results.paths->size, on);
	return ok;
}

static bool ends_before(const struct chunk_header *chunk, uint64_t end)
{
	return !chunk || chunk->offset + chunk->size <= end;
}

/* Everything that the copy writes to must be in the file. */
static bool is_in_file(const struct check *check)
{
	uint64_t end = storage.memory_from ? storage.memory_from : ~0ull;

	return storage.in_file && (uintptr_t)check->row - (uintptr_t)image < end &&
	       ends_before(check->results.classes, end) &&
	       ends_before(check->results.indirect, end) && ends_before(check->results.paths, end);
}

/* Forks, and has the copy scan itself. False when there can be no copy. */
static bool fork_copy(struct check *check, uint64_t started_ns)
{
	uint64_t all = ~0ull, before;
	long child = -1;

	sys_call4(SYS_rt_sigprocmask, SIG_SETMASK, &all, &before, sizeof(all));
	if (share_results(check, true)) {
		/* No termination signal: no SIGCHLD, and only we wait for it. */
		child = arch_syscall6(SYS_clone, 0, 0, 0, 0, 0, 0);
		if (child == 0)
			scan_copy(check, started_ns);
	}
	share_results(check, false);
	sys_call4(SYS_rt_sigprocmask, SIG_SETMASK, &before, NULL, sizeof(before));
	if (child <= 0)
		return false;
	atomic_store(&copy, (int)child);
	return true;
}

/* With the threads held still: the picture, and the copy, or without it the scan. */
static enum check_failure begin(
	struct check *check, const struct roots_caller *caller, uint64_t started_ns)
{
	enum check_failure failure = check_picture(check, caller);

	if (failure)
		return failure;
	if (!check_results_prepare(&check->results, &check->list, PAIRS,
		    check->paths.wanted ? check_paths_guess(&check->paths) : 0))
		return CHECK_NO_MEMORY;
	if (is_in_file(check) && fork_copy(check, started_ns))
		return 0;
	failure = check_scan(check);
	if (!failure)
		check_store(check);
	return failure;
}

static __attribute__((noinline)) void check_from(
	enum check_trigger trigger, const struct roots_caller *caller)
{
	uint64_t started_ns = check_clock_ns();
	struct check *check;
	enum check_failure failure = CHECK_NO_MEMORY;

	row = check_row_begin(trigger);
	if (!row)
		return;
	check = check_make(row);
	if (check) {
		failure = CHECK_NO_STOP;
		if (check_stop(check)) {
			failure = begin(check, caller, started_ns);
			stop_release(&check->stop, false);
		}
		check_release(check);
	}
	__atomic_store_n(&row->pause_ns, check_clock_ns() - started_ns, __ATOMIC_RELAXED);
	if (!atomic_load(&copy)) {
		row->scan_ns = row->pause_ns;
		check_row_end(row, failure);
	}
}

/* Why there is to be no check, which is the answer; 0: there may be one. */
static enum check_failure obstacle(void)
{
	if (!options.classes)
		return CHECK_SWITCHED_OFF;
	return sandbox_may_kill() ? CHECK_IN_SANDBOX : 0;
}

__attribute__((noinline)) void check_aside(enum check_trigger trigger)
{
	uint64_t registers[ARCH_REGISTERS] = {0};
	struct roots_caller caller = roots_caller_here(registers);
	enum check_failure why = obstacle();

	if ((!options.classes && trigger != CHECK_ON_REQUEST) || atomic_flag_test_and_set(&busy))
		return;
	if (!atomic_load(&copy)) {
		/* Not before: who asks while another check is under way is heard after it. */
		if (trigger == CHECK_ON_REQUEST)
			image->check_heard = image->check_wanted;
		if (why)
			check_row_refuse(trigger, why);
		else
			check_from(trigger, &caller);
	}
	atomic_flag_clear(&busy);
}

void check_look_after(bool finally)
{
	int child = atomic_load(&copy), status;
	long ended;

	if (!child || atomic_flag_test_and_set(&busy))
		return;
	if (finally)
		sys_call2(SYS_kill, child, SIGKILL);
	ended = sys_call4(SYS_wait4, child, &status, (finally ? 0 : WNOHANG) | __WCLONE, NULL);
	if (ended == child || sys_failed(ended)) {
		if (row->state == CHECK_RUNNING)
			check_row_end(row, CHECK_COPY_DIED);
		else if (row->state == CHECK_FAILED)
			image_count_lost(LOST_FAILED_CHECKS, 1);
		atomic_store(&copy, 0);
	}
	atomic_flag_clear(&busy);
}
