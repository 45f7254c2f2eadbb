/*
 * The facts of one process: who it was, how it stands, its totals, what was not recorded. Called by
 * load_image.c before the sites. A process with several threads has a peak that may be up to
 * PEAK_FLUSH_BYTES a thread too high: their peaks need not have met.
 */
#include "load_process.h"

#include "memory.h"
#include "process_state.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

static void read_args(
	struct process *process, struct model *model, const struct image_header *header)
{
	size_t count = 0, capacity = 0;

	for (uint32_t at = 0; at < header->args_bytes;) {
		process->args =
			memory_grow(process->args, &capacity, count + 2, sizeof(*process->args));
		process->args[count++] = (char *)model_string(model, header->args + at);
		at += (uint32_t)strlen(header->args + at) + 1;
	}
	process->args = memory_resize(process->args, count + 1, sizeof(*process->args));
	process->args[count] = NULL;
	process->args_cut = header->args_cut != 0;
}

/* The texts of IMAGE_LOST_TABLE for a count of one. */
static const char *const lost_one[LOST_COUNT] = {
	[LOST_DROPPED_EVENTS] = "event not recorded: no memory for the tables",
	[LOST_TRUNCATED_STACKS] = "stack cut at the depth limit, or where memory ended",
	[LOST_PARTIAL_STACKS] = "stack that ends at code without unwind information",
	[LOST_UNKNOWN_FREES] = "free of a block never seen being allocated",
	[LOST_INHERITED_FREES] = "free of a block inherited from the parent process",
	[LOST_MISSED_FREES] = "block whose address came back without a free being seen",
	[LOST_EARLY_BLOCKS] = "block handed out before the recorder was relocated",
	[LOST_LATE_STARTS] = "event passed through while the recorder was starting",
	[LOST_DROPPED_REGIONS] = "mapping event not recorded",
	[LOST_SIZE_OVERFLOWS] = "block of 2^47 bytes or more, recorded as 2^47-1",
	[LOST_NESTED_STACKS] = "event in a nested signal handler, recorded without stack",
	[LOST_DROPPED_MODULES] = "loaded library without a number: its frames have no name",
	[LOST_FAILED_CHECKS] = "check for lost blocks that came to nothing",
	[LOST_HIDDEN_ALLOCATORS] = "allocator in front of the recorder, whose blocks are not seen",
	[LOST_NAMESPACES] = "namespace of the loader, in which nothing is seen",
	[LOST_NOT_STARTED] =
		"process of which nothing is recorded: no memory for the tables when it began",
	[LOST_SANDBOXED_CHILDREN] = "forked child that is not recorded: the process was in a "
				    "sandbox, which might kill for it",
};

static void read_lost(struct process *process, const struct image_header *header)
{
	static const struct lost_row rows[] = {
#define X(id, name, text) {name, text, NULL, 0},
		IMAGE_LOST_TABLE(X)
#undef X
	};

	process->lost_count = LOST_COUNT;
	process->lost = memory_zero(LOST_COUNT, sizeof(*process->lost));
	memcpy(process->lost, rows, sizeof(rows));
	for (size_t i = 0; i < LOST_COUNT; i++)
		process->lost[i].count = header->lost[i];
	for (size_t i = 0; i < LOST_COUNT; i++)
		process->lost[i].one = lost_one[i];
	process->heap_unseen = header->lost[LOST_HIDDEN_ALLOCATORS] > 0;
}

/* A core knows the address, else only the recorder does, with handle_segv=1: the options as given
 * tell 0 from "not known". An abort comes from no address. */
static void read_fault(struct process *process, const struct image_file *image)
{
	const struct image_header *header = &image->header;

	process->has_fault_address = header->state == IMAGE_CRASHED && process->signal != SIGABRT &&
				     (image->fault_known || header->fault_address ||
					     strstr(image->options, "handle_segv=1"));
	process->fault_address = header->fault_address;
}

static const char *read_text(
	struct model *model, const struct image_file *image, const struct chunk_header *chunk)
{
	char *text = image_text(image, chunk);
	const char *kept = text[0] ? model_string(model, text) : NULL;
	free(text);
	return kept;
}

static void read_texts(struct process *process, struct model *model, const struct image_file *image)
{
	for (size_t i = 0; i < image->chunk_count; i++) {
		const struct chunk_header *chunk = &image->chunks[i];
		if (chunk->type != CHUNK_TEXTS)
			continue;
		if (chunk->owner == TEXT_SUPPRESSIONS_FILE)
			process->suppressions_file = read_text(model, image, chunk);
		else if (chunk->owner == TEXT_SUPPRESSIONS)
			process->suppressions_text = read_text(model, image, chunk);
	}
}

static void read_header(struct process *process, struct model *model,
	const struct image_file *image, const struct image_tables *tables)
{
	const struct image_header *header = &image->header;

	process->pid = header->pid;
	process->ppid = header->ppid;
	process->exe = model_string(model, image->exe[0] ? image->exe : "?");
	process->image = model_string(model, image->path);
	process->options = model_string(model, image->options);
	process->cwd = model_string(model, image->cwd);
	process->forked = header->forked != 0;
	process->state = process_state_and_pid(image, &process->pid_here);
	process->has_exit_status = process->state == STATE_CLEAN;
	process->exit_status = header->exit_status;
	process->signal = header->signal > 0 && header->signal < 128 ? header->signal : 0;
	process->start_realtime_ns = header->start_realtime_ns;
	process->snapshot_realtime_ns = header->snapshot_realtime_ns;
	process->snapshot_label = model_string(model, header->snapshot_label);
	process->tick_ns = 1ull << header->clock_shift;
	read_fault(process, image);
	process->wanted_bytes = image->wanted_bytes;
	process->readable_bytes = image->readable_bytes;
	process->image_bytes = image->wanted_bytes;
	if (header->memory_from && header->memory_from < image->wanted_bytes)
		process->memory_only_bytes = image->wanted_bytes - header->memory_from;
	process->epoch_count = tables->epoch_count;
	read_args(process, model, header);
	read_lost(process, header);
	read_texts(process, model, image);
}

static void read_threads(struct process *process, struct model *model,
	const struct image_header *header, const struct image_tables *tables)
{
	int64_t peak = header->live_bytes_flushed;

	process->threads = memory_zero(tables->thread_count, sizeof(struct thread));
	for (size_t i = 0; i < tables->thread_count; i++) {
		const struct image_thread *row = &tables->threads[i];
		if (row->state == 0)
			continue;
		process->allocs += row->allocs;
		process->alloc_bytes += row->alloc_bytes;
		process->frees += row->frees;
		process->free_bytes += row->free_bytes;
		/* Unsigned: hostile counters may wrap, and wrap quietly. */
		if (row->peak_delta > 0)
			peak = (int64_t)((uint64_t)peak + (uint64_t)row->peak_delta);
		process->threads[process->thread_count++] = (struct thread){.tid = row->tid,
			.threads = row->threads,
			.name = model_string(model, row->name),
			.allocs = row->allocs,
			.alloc_bytes = row->alloc_bytes,
			.frees = row->frees,
			.free_bytes = row->free_bytes};
	}
	if (peak < header->peak_bytes_flushed)
		peak = header->peak_bytes_flushed;
	process->peak_live_bytes = peak > 0 ? (uint64_t)peak : 0;
}

/* How much more was allocated than freed; the sums may be a little apart in time. */
static uint64_t rest(uint64_t in, uint64_t out)
{
	return in > out ? in - out : 0;
}

static void read_brinks(struct process *process, struct model *model,
	const struct image_header *header, const struct image_tables *tables)
{
	process->failed_allocs = header->failed_allocs;
	process->brinks = memory_zero(tables->epoch_count, sizeof(struct brink));
	for (size_t i = 0; i < tables->epoch_count; i++) {
		const struct image_epoch *epoch = &tables->epochs[i];
		if (epoch->kind != EPOCH_LIMIT && epoch->kind != EPOCH_FAILED)
			continue;
		process->brinks[process->brink_count++] =
			(struct brink){.failed = epoch->kind == EPOCH_FAILED,
				.label = model_string(model, epoch->label),
				.used_bytes = epoch->used_bytes,
				.limit_bytes = epoch->limit_bytes,
				.after_ns = rest(epoch->monotonic_ns, header->start_monotonic_ns),
				.live = {.bytes = rest(epoch->alloc_bytes, epoch->free_bytes),
					.blocks = rest(epoch->allocs, epoch->frees)}};
	}
}

void load_process(struct process *process, struct model *model, const struct image_file *image,
	const struct image_tables *tables)
{
	read_header(process, model, image, tables);
	read_threads(process, model, &image->header, tables);
	read_brinks(process, model, &image->header, tables);
}
