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
static uint32_t inherited; /* the last number of the processes that this one was forked from */

static void add_label(struct image_epoch *row, enum epoch_kind kind, const char *label)
{
	struct text t = text_in(row->label, sizeof(row->label));

	text_add(&t, label);
	if (!t.cut || (kind != EPOCH_MARK && kind != EPOCH_SNAPSHOT))
		return;
	t = text_in(row->label_rest, sizeof(row->label_rest));
	text_add(&t, label + sizeof(row->label) - 1);
}

uint32_t epochs_add_amounts(
	enum epoch_kind kind, const char *label, uint64_t used_bytes, uint64_t limit_bytes)
{
	uint32_t index = atomic_fetch_add(&count, 1);
	struct image_epoch *row = rowstore_make(&rows, index);
	struct image_thread totals;

	if (!row)
		return 0;
	row->number = inherited + index + 1;
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
	add_label(row, kind, label ? label : "");
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

bool epochs_moment_of_mark(uint32_t number, uint64_t *ret)
{
	const struct image_epoch *row;

	*ret = 0;
	if (number <= inherited)
		return number != 0;
	if (number - inherited > atomic_load(&count))
		return false;
	row = rowstore_get(&rows, number - inherited - 1);
	if (!row || __atomic_load_n(&row->kind, __ATOMIC_ACQUIRE) != EPOCH_MARK)
		return false;
	*ret = row->moment;
	/* Behind the end of the scale nothing is separated any more. */
	return row->moment < SLOT_MOMENT_MAX;
}

void epochs_forget(void)
{
	rowstore_forget(&rows);
	inherited += atomic_load(&count);
	atomic_store(&count, 0);
}
