/*
 * Compares two models by the fingerprints of their call sites, which survive a rebuild and a move
 * of lines. Called by cmd_diff.c.
 */
#include "diff.h"

#include "memory.h"

#include <stdlib.h>
#include <uthash.h>

const char *const diff_status_names[DIFF_STATUS_COUNT] = {"new", "grown", "shrunk", "gone"};

struct entry {
	uint64_t fingerprint;
	struct diff_row row;
	size_t old_places;
	UT_hash_handle hh;
};

static struct entry *entry_of(struct entry **entries, uint64_t fingerprint)
{
	struct entry *entry;

	HASH_FIND(hh, *entries, &fingerprint, sizeof(fingerprint), entry);
	if (entry)
		return entry;
	entry = memory_zero(1, sizeof(*entry));
	entry->fingerprint = entry->row.fingerprint = fingerprint;
	HASH_ADD(hh, *entries, fingerprint, sizeof(entry->fingerprint), entry);
	return entry;
}

static void add(struct amount *sum, const struct amount *more)
{
	sum->bytes += more->bytes;
	sum->blocks += more->blocks;
}

/* A site of the newer model stands for its row before one of the older; in a model the worst class
 * does, and then the most bytes. */
static void represent(struct diff_row *row, const struct model *model, const struct site *site)
{
	const struct site *other = row->model == model ? row->site : NULL;

	row->mixed = other && (row->mixed || other->class != site->class);
	if (other && (other->class != site->class ? other->class < site->class
						  : other->live.bytes >= site->live.bytes))
		return;
	row->model = model;
	row->site = site;
}

static void take_in(struct entry **entries, const struct model *model, bool is_old, unsigned kinds)
{
	for (size_t i = 0; i < model->site_count; i++) {
		const struct site *site = &model->sites[i];
		if (site->left_out || !(kinds & CLASS_BIT(site->class)) || site->live.blocks == 0)
			continue;
		struct entry *entry = entry_of(entries, site->fingerprint);
		add(is_old ? &entry->row.old : &entry->row.now, &site->live);
		if (is_old)
			entry->old_places++;
		else
			entry->row.places++;
		represent(&entry->row, model, site);
	}
}

int64_t diff_bytes(const struct diff_row *row)
{
	return (int64_t)(row->now.bytes - row->old.bytes);
}

int64_t diff_blocks(const struct diff_row *row)
{
	return (int64_t)(row->now.blocks - row->old.blocks);
}

static bool is_more(const struct diff_row *row)
{
	return diff_bytes(row) > 0 || (diff_bytes(row) == 0 && diff_blocks(row) > 0);
}

static enum diff_status status_of(const struct diff_row *row)
{
	if (row->old.blocks == 0)
		return DIFF_NEW;
	if (row->now.blocks == 0)
		return DIFF_GONE;
	return is_more(row) ? DIFF_GROWN : DIFF_SHRUNK;
}

static int by_growth(const void *a, const void *b)
{
	const struct diff_row *one = a, *other = b;
	int64_t x = diff_bytes(one), y = diff_bytes(other);

	if (x == y) {
		x = diff_blocks(one);
		y = diff_blocks(other);
	}
	if (x != y)
		return x > y ? -1 : 1;
	return one->fingerprint < other->fingerprint ? -1 : one->fingerprint > other->fingerprint;
}

static void count_row(struct diff *diff, const struct diff_row *row)
{
	struct amount *amount = &diff->amounts[row->status];
	bool more = is_more(row);

	diff->counts[row->status]++;
	/* More bytes in fewer blocks, or the other way round, are no blocks. */
	amount->bytes += more ? row->now.bytes - row->old.bytes : row->old.bytes - row->now.bytes;
	if (more == (diff_blocks(row) > 0))
		amount->blocks += more ? row->now.blocks - row->old.blocks
				       : row->old.blocks - row->now.blocks;
}

static void keep_row(struct diff *diff, struct entry *entry)
{
	struct diff_row *row = &entry->row;

	add(&diff->old_sum, &row->old);
	add(&diff->now_sum, &row->now);
	if (diff_bytes(row) == 0 && diff_blocks(row) == 0) {
		diff->unchanged++;
		return;
	}
	row->status = status_of(row);
	if (row->status == DIFF_GONE)
		row->places = entry->old_places;
	count_row(diff, row);
	diff->rows[diff->row_count++] = *row;
}

void diff_make(struct diff *diff, const struct model *old, const struct model *now, unsigned kinds)
{
	const struct process *before = old->processes, *after = now->processes;
	struct entry *entries = NULL, *entry = NULL, *next;

	*diff = (struct diff){.old = old, .now = now};
	diff->same_process = old->process_count == 1 && now->process_count == 1 &&
			     before->pid == after->pid && before->start_realtime_ns &&
			     before->start_realtime_ns == after->start_realtime_ns;
	if (diff->same_process)
		diff->between_ns = (int64_t)(after->run_ns - before->run_ns);
	take_in(&entries, old, true, kinds);
	take_in(&entries, now, false, kinds);
	diff->rows = memory_zero(HASH_COUNT(entries), sizeof(*diff->rows));
	HASH_ITER(hh, entries, entry, next)
	{
		keep_row(diff, entry);
		HASH_DEL(entries, entry);
		free(entry);
	}
	qsort(diff->rows, diff->row_count, sizeof(*diff->rows), by_growth);
}

void diff_free(struct diff *diff)
{
	free(diff->rows);
	*diff = (struct diff){0};
}
