/* A check in the process itself, see check.h. */
#include <stdatomic.h>

#include "preload/check.h"
#include "preload/check_rows.h"
#include "preload/check_scan.h"
#include "preload/image.h"
#include "preload/patience.h"
#include "preload/sandbox.h"
#include "preload/sys.h"

#define PAIRS_MAX 65536 /* of sites that lose each other's blocks; the rest is summed up */

static _Atomic int ending; /* the process whose last check was begun */

/* One check at a time: they share the room of earlier results. */
static atomic_flag busy = ATOMIC_FLAG_INIT;

void check_forget(void)
{
	atomic_flag_clear(&busy);
}

/* Tests that run side by side each ask at their end, and one check of a large heap takes seconds.
 * False when it has been long: it may be this thread's own, interrupted by a signal handler. */
static bool await_turn(enum check_trigger trigger)
{
	unsigned times = trigger == CHECK_AT_END ? 1 : 60;

	while (times--) {
		for (unsigned n = 0; patience(n); n++) {
			if (!atomic_flag_test_and_set(&busy))
				return true;
		}
	}
	return false;
}

static bool count_indirect(void *context, const struct reach_block *block)
{
	*(uint64_t *)context += block->class == REACH_INDIRECT;
	return true;
}

/* With all threads held still, in the process itself. */
static enum check_failure check_in_place(struct check *check, const struct roots_caller *caller)
{
	enum check_failure failure;
	uint64_t started_ns = check_clock_ns();

	if (!check_stop(check))
		return CHECK_NO_STOP;
	failure = check_picture(check, caller);
	if (!failure)
		failure = check_scan(check);
	stop_release(&check->stop, check->row->trigger == CHECK_AT_END);
	check->row->pause_ns = check_clock_ns() - started_ns;
	return failure;
}

static enum check_failure store(struct check *check)
{
	uint64_t lost = 0;

	reach_each(check->reach, count_indirect, &lost);
	/* No more pairs than blocks. */
	if (!check_results_prepare(&check->results, &check->list,
		    lost < PAIRS_MAX ? lost : PAIRS_MAX, check->paths.list.count))
		return CHECK_NO_MEMORY;
	check_store(check);
	return 0;
}

/* `since` may be NULL. */
static __attribute__((noinline)) const struct image_check *check_from(
	enum check_trigger trigger, const struct roots_caller *caller, struct check_since *since)
{
	uint64_t started_ns = check_clock_ns();
	struct image_check *row = check_row_begin(trigger);
	struct check *check = row ? check_make(row) : NULL;
	enum check_failure failure = CHECK_NO_MEMORY;

	if (!row)
		return NULL;
	if (check) {
		check->since = since;
		failure = check_in_place(check, caller);
		if (!failure)
			failure = store(check);
		check_release(check);
	}
	row->scan_ns = check_clock_ns() - started_ns;
	check_row_end(row, failure);
	return failure ? NULL : row;
}

static const struct image_check *check_in_turn(
	enum check_trigger trigger, const struct roots_caller *caller, struct check_since *since)
{
	const struct image_check *row;

	if (trigger == CHECK_AT_END ? sandbox_entered() : sandbox_may_kill()) {
		check_row_refuse(trigger, CHECK_IN_SANDBOX);
		return NULL;
	}
	if (!await_turn(trigger)) {
		image_count_lost(LOST_FAILED_CHECKS, 1);
		return NULL;
	}
	row = check_from(trigger, caller, since);
	atomic_flag_clear(&busy);
	return row;
}

__attribute__((noinline)) const struct image_check *check_here(void)
{
	uint64_t registers[ARCH_REGISTERS] = {0};
	struct roots_caller caller = roots_caller_here(registers);

	return check_in_turn(CHECK_BY_PROGRAM, &caller, NULL);
}

const struct image_check *check_at_end(const struct roots_caller *caller)
{
	/* Another thread ends the process at the same time: its check serves for both. */
	if (atomic_exchange(&ending, image->pid) == image->pid)
		return NULL;
	return check_in_turn(CHECK_AT_END, caller, NULL);
}

__attribute__((noinline)) bool check_here_since(struct check_since *since)
{
	uint64_t registers[ARCH_REGISTERS] = {0};
	struct roots_caller caller = roots_caller_here(registers);

	return check_in_turn(CHECK_BY_PROGRAM, &caller, since) != NULL;
}
