/* Rows for checks, see check_rows.h. */
#include "preload/check_rows.h"
#include "preload/clock.h"
#include "preload/image.h"
#include "preload/options.h"
#include "preload/reach.h"
#include "preload/sys.h"

#define ROWS_PER_CHUNK 15 /* of 256 bytes: one page */
#define MAX_CHUNKS 256

static SPARSE struct chunk_header *_Atomic chunks[MAX_CHUNKS];
static struct rowstore rows = {.type = CHUNK_CHECKS,
	.row_size = sizeof(struct image_check),
	.rows_per_chunk = ROWS_PER_CHUNK,
	.max_chunks = MAX_CHUNKS,
	.chunks = chunks};
static _Atomic uint32_t count;

void check_rows_forget(void)
{
	rowstore_forget(&rows);
	atomic_store(&count, 0);
}

uint64_t check_clock_ns(void)
{
	struct timespec now;

	process_clock.gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static uint32_t left_out(void)
{
	return (options.use_globals ? 0 : CHECK_WITHOUT_GLOBALS) |
	       (options.use_stacks ? 0 : CHECK_WITHOUT_STACKS) |
	       (options.use_registers ? 0 : CHECK_WITHOUT_REGISTERS) |
	       (options.use_tls ? 0 : CHECK_WITHOUT_TLS);
}

struct image_check *check_row_begin(enum check_trigger trigger)
{
	uint32_t index = atomic_fetch_add(&count, 1);
	struct image_check *row = rowstore_make(&rows, index);

	if (!row) {
		image_count_lost(LOST_FAILED_CHECKS, 1);
		return NULL;
	}
	row->number = index + 1;
	row->trigger = trigger;
	row->left_out = left_out();
	row->heuristics = (uint32_t)options.heuristics | (options.tags ? REACH_TAGS : 0);
	row->realtime_ns = clock_realtime_ns();
	row->monotonic_ns = clock_monotonic_ns();
	__atomic_store_n(&row->state, CHECK_RUNNING, __ATOMIC_RELEASE);
	return row;
}

void check_row_refuse(enum check_trigger trigger, enum check_failure why)
{
	struct image_check *row = check_row_begin(trigger);

	if (row)
		check_row_end(row, why);
}

void check_row_end(struct image_check *row, enum check_failure failure)
{
	row->failure = failure;
	/* One that is left out has not failed. */
	if (failure && failure != CHECK_IN_SANDBOX)
		image_count_lost(LOST_FAILED_CHECKS, 1);
	__atomic_store_n(&row->state, failure ? CHECK_FAILED : CHECK_DONE, __ATOMIC_RELEASE);
}
