/* The epoch rows, see epochs.h. */
#include <stdatomic.h>

#include "preload/epochs.h"
#include "preload/clock.h"
#include "preload/image.h"
#include "preload/sys.h"
#include "preload/text.h"
#include "preload/threads.h"

#define ROWS_PER_CHUNK 31 /* of 128 bytes: one page */
#define MAX_CHUNKS 4096

static SPARSE struct chunk_header *_Atomic chunks[MAX_CHUNKS];
static struct rowstore rows = {.type = CHUNK_EPOCHS,
	.row_size = sizeof(struct image_epoch),
	.rows_per_chunk = ROWS_PER_CHUNK,
	.max_chunks = MAX_CHUNKS,
	.chunks = chunks};
static _Atomic uint32_t count;

uint32_t epochs_add_amounts(
	enum epoch_kind kind, const char *label, uint64_t used_bytes, uint64_t limit_bytes)
{
	uint32_t index = atomic_fetch_add(&count, 1);
	struct image_epoch *row = rowstore_make(&rows, index);
	struct image_thread totals;
	struct text t;

	if (!row)
		return 0;
	row->number = index + 1;
	if (kind == EPOCH_MARK || kind == EPOCH_CHECK) {
		atomic_fetch_add(&process_clock.bias, 1);
		image->moment_bias = atomic_load(&process_clock.bias);
	}
	row->bias = atomic_load(&process_clock.bias);
	row->moment = clock_note();
	row->realtime_ns = clock_realtime_ns();
	row->monotonic_ns = clock_monotonic_ns();
	threads_sum(&totals);
	row->allocs = totals.allocs;
	row->alloc_bytes = totals.alloc_bytes;
	row->frees = totals.frees;
	row->free_bytes = totals.free_bytes;
	row->used_bytes = used_bytes;
	row->limit_bytes = limit_bytes;
	t = text_in(row->label, sizeof(row->label));
	text_add(&t, label ? label : "");
	__atomic_store_n(&row->kind, kind, __ATOMIC_RELEASE);
	return row->number;
}

uint32_t epochs_add(enum epoch_kind kind, const char *label)
{
	return epochs_add_amounts(kind, label, 0, 0);
}

uint64_t epochs_separate(void)
{
	epochs_add(EPOCH_CHECK, NULL);
	/* Blocks get the moment that was noted last, not the present one. */
	return hot.slot_moment >> SLOT_MOMENT_SHIFT;
}

void epochs_forget(void)
{
	rowstore_forget(&rows);
	atomic_store(&count, 0);
}
