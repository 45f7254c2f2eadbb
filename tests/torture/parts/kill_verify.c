/* The comparison, see kill_verify.h. */
#include "tests/torture/parts/kill_verify.h"

#include "analyzer/image_tables.h"
#include "analyzer/live_each.h"
#include "analyzer/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct block {
	struct image_block image;
	bool explained;
};

struct check {
	const struct kill_log *log;
	bool may_drop;
	struct image_tables tables;
	struct block *blocks; /* by rising address */
	size_t count, capacity;
	struct error *error;
};

static void take_blocks(
	void *context, uint32_t space, const struct image_block *blocks, size_t count)
{
	struct check *check = context;

	(void)space;
	check->blocks = memory_grow(
		check->blocks, &check->capacity, check->count + count, sizeof(*check->blocks));
	for (size_t i = 0; i < count; i++)
		check->blocks[check->count++] = (struct block){.image = blocks[i]};
}

static int by_address(const void *a, const void *b)
{
	const struct block *one = a, *other = b;

	return one->image.address < other->image.address
		       ? -1
		       : one->image.address > other->image.address;
}

static struct block *find(struct check *check, uint64_t address)
{
	struct block wanted = {.image.address = address};

	return check->count == 0
		       ? NULL
		       : bsearch(&wanted, check->blocks, check->count, sizeof(wanted), by_address);
}

/* The number of the victim's function that has this return address, -1 when none has. */
static int function_at(const struct kill_log *log, uint64_t ip)
{
	uint64_t address = (ip & IP_MASK) - 1;
	int found = -1;

	if (address >= log->functions_end)
		return -1;
	for (int i = 0; i < FUNCTION_COUNT; i++)
		if (log->functions[i] && log->functions[i] <= address &&
			(found < 0 || log->functions[i] > log->functions[found]))
			found = i;
	return found;
}

/* The number of the function whose frame a node is; -1 also when there is no such node. */
static int function_of(const struct check *check, uint32_t node)
{
	if (node == 0 || node >= check->tables.node_count || check->tables.nodes[node].ip == 0)
		return -1;
	return function_at(check->log, check->tables.nodes[node].ip);
}

/* In place of a node: whatever is further out was not recorded, because there was no memory. */
#define NODE_CUT_OFF UINT32_MAX

static uint32_t outer_of(const struct check *check, uint32_t node)
{
	if (node >= check->tables.node_count)
		return node == NODE_CUT_OFF ? NODE_CUT_OFF : 0;
	if (check->may_drop && check->tables.nodes[node].flags & NODE_TRUNCATED)
		return NODE_CUT_OFF;
	return check->tables.nodes[node].parent;
}

static bool is_frame_of(const struct check *check, uint32_t node, int function)
{
	return node == NODE_CUT_OFF || function_of(check, node) == function;
}

/* Is this site the stack that the victim told of, or as much of it as there was memory for? */
static bool is_stack(const struct check *check, uint32_t site, uint32_t stack)
{
	static const enum image_family families[KILL_SITES] = {FAMILY_MALLOC, FAMILY_MALLOC,
		FAMILY_MALLOC, FAMILY_CALLOC, FAMILY_CALLOC, FAMILY_REALLOC, FAMILY_POSIX_MEMALIGN,
		FAMILY_MEMALIGN, FAMILY_ALIGNED_ALLOC, FAMILY_REALLOC, FAMILY_REALLOC,
		FAMILY_REALLOCARRAY};
	uint32_t node = outer_of(check, site);
	bool is_overflow = false;

	if (image_tables_family(&check->tables, site) != families[STACK_SITE(stack)] ||
		!is_frame_of(check, node, (int)STACK_SITE(stack)))
		return false;
	node = outer_of(check, node);
	for (uint32_t i = STACK_DEPTH(stack); i-- > 0; node = outer_of(check, node))
		if (!is_frame_of(check, node, FUNCTION_ROUTE + (int)STACK_ROUTE(stack, i)))
			return false;
	if (!is_frame_of(check, node, FUNCTION_ACT))
		return false;
	node = outer_of(check, node);
	for (; function_of(check, node) == FUNCTION_OVERFLOW; node = outer_of(check, node))
		is_overflow = true;
	if (is_overflow && function_of(check, node) == FUNCTION_DIE)
		node = outer_of(check, node);
	return is_frame_of(check, node, FUNCTION_WORKER);
}

static bool is_block(
	const struct check *check, const struct block *block, const struct kill_block *told)
{
	return block->image.size == told->size && is_stack(check, block->image.site, told->stack);
}

static int complain_block(const struct check *check, const char *what, uint32_t entry,
	const struct kill_block *told, const struct block *block)
{
	char stack[256], *at = stack;
	uint32_t node = block ? block->image.site : 0;

	*at = '\0';
	for (int i = 0; i < 12 && node; i++, node = outer_of(check, node))
		at += sprintf(at, " %d", function_of(check, node));
	return error_set(check->error,
		"entry %u: %s: told: address %#" PRIx64 " size %" PRIu64
		" stack %#x; the image has: size %" PRId64 " site %u, functions%s",
		entry, what, told ? told->address : 0, told ? told->size : 0,
		told ? told->stack : 0, block ? (int64_t)block->image.size : -1,
		block ? block->image.site : 0, stack);
}

/* Every block told of as allocated. */
static int check_live(struct check *check, struct kill_found *found)
{
	for (uint32_t i = 0; i < KILL_ENTRIES; i++) {
		const struct kill_entry *entry = &check->log->entries[i];
		uint32_t state = atomic_load(&entry->state);
		const struct kill_block *told = &entry->versions[ENTRY_VERSION(state)];
		struct block *block = find(check, told->address);

		if (ENTRY_KIND(state) != ENTRY_LIVE)
			continue;
		if (!block && ++found->missing <= found->header.lost[LOST_DROPPED_EVENTS])
			continue;
		if (!block)
			return complain_block(check, "it is missing", i, told, NULL);
		if (block->explained)
			return complain_block(check, "told of twice", i, told, block);
		if (!is_block(check, block, told))
			return complain_block(check, "it is another", i, told, block);
		block->explained = true;
		found->blocks++;
	}
	return 0;
}

/* The block at the address told of, if it is the one told of and not explained yet. */
static struct block *left_at(struct check *check, const struct kill_block *told)
{
	struct block *block = find(check, told->address);

	return block && !block->explained && is_block(check, block, told) ? block : NULL;
}

/* Such a block whose address the victim was not told yet. */
static struct block *left_anywhere(struct check *check, const struct kill_block *told)
{
	for (size_t i = 0; i < check->count; i++)
		if (!check->blocks[i].explained && is_block(check, &check->blocks[i], told))
			return &check->blocks[i];
	return NULL;
}

/* The events under way: each may have left its block, or not yet, or not any more. */
static int check_under_way(struct check *check, struct kill_found *found)
{
	const struct kill_block *wanted[KILL_THREADS] = {NULL};
	bool busy[KILL_THREADS] = {false}, had[KILL_THREADS] = {false};
	struct block *block;

	for (uint32_t i = 0; i < KILL_ENTRIES; i++) {
		const struct kill_entry *entry = &check->log->entries[i];
		uint32_t state = atomic_load(&entry->state), thread = ENTRY_THREAD(state);
		const struct kill_block *told = &entry->versions[ENTRY_VERSION(state)];
		enum entry_kind kind = ENTRY_KIND(state);

		if (kind == ENTRY_EMPTY || kind == ENTRY_LIVE)
			continue;
		if (thread >= KILL_THREADS || busy[thread])
			return error_set(
				check->error, "thread %u has two events under way", thread);
		busy[thread] = true;
		found->under_way++;
		if (kind == ENTRY_PENDING) {
			wanted[thread] = told;
			continue;
		}
		if (kind == ENTRY_RESIZING)
			wanted[thread] = &entry->versions[!ENTRY_VERSION(state)];
		block = left_at(check, told);
		had[thread] = block != NULL;
		if (block)
			block->explained = true;
	}
	for (uint32_t thread = 0; thread < KILL_THREADS; thread++) {
		block = wanted[thread] ? left_anywhere(check, wanted[thread]) : NULL;
		if (block && had[thread])
			return complain_block(check, "it is there before and after its realloc",
				thread, wanted[thread], block);
		if (block)
			block->explained = true;
	}
	return 0;
}

/* What is left are blocks that the victim's own code did not ask for. */
static int check_others(struct check *check, struct kill_found *found)
{
	for (size_t i = 0; i < check->count; i++) {
		const struct block *block = &check->blocks[i];
		int function = function_of(check, outer_of(check, block->image.site));

		if (block->explained)
			continue;
		if (image_tables_family(&check->tables, block->image.site) == FAMILY_NONE)
			return error_set(check->error, "block %#" PRIx64 " has no readable stack",
				block->image.address);
		if (function >= 0)
			return complain_block(check, "in the image, but told of as freed", 0,
				&(struct kill_block){.address = block->image.address}, block);
		found->others++;
	}
	return 0;
}

/* Nothing was lost, or only what may be, and the totals differ from the blocks by the events under
 * way. */
static int check_totals(struct check *check, struct kill_found *found)
{
	static const char *const names[] = {
#define X(id, name, text) name,
		IMAGE_LOST_TABLE(X)
#undef X
	};
	int64_t difference, allowed = KILL_THREADS + 1;

	/* A process that ends in a signal handler which interrupted the growing of the image has no
	 * room for what its last check finds. */
	if (found->header.lost[LOST_FAILED_CHECKS] > 1)
		return error_set(check->error, "more than one check failed");
	for (int i = 0; i < LOST_COUNT; i++)
		if (i != LOST_EARLY_BLOCKS && i != LOST_FAILED_CHECKS && found->header.lost[i] &&
			!check->may_drop)
			return error_set(
				check->error, "%" PRIu64 " %s", found->header.lost[i], names[i]);
	for (size_t i = 0; i < check->tables.thread_count; i++) {
		if (check->tables.threads[i].state == 0)
			continue;
		found->allocs += check->tables.threads[i].allocs;
		found->frees += check->tables.threads[i].frees;
	}
	difference = (int64_t)(found->allocs - found->frees - check->count);
	/* Besides the workers, main may be starting a thread. A thread that found no memory for its
	 * totals takes blocks out of the index all the same, and that is counted. */
	if (check->may_drop)
		allowed += (int64_t)found->header.lost[LOST_DROPPED_EVENTS];
	if (llabs(difference) > allowed)
		return error_set(check->error,
			"%" PRIu64 " allocations less %" PRIu64 " frees are not %zu blocks",
			found->allocs, found->frees, check->count);
	return 0;
}

int kill_open(struct image_file *image, const char *path, struct error *error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat status;

	*image = (struct image_file){.path = memory_copy(path)};
	if (fd < 0 || fstat(fd, &status) < 0)
		return error_set(error, "%s: %s", path, strerror(errno));
	image_source_add(&image->source, 0, (uint64_t)status.st_size, 0, fd);
	return image_check(image, error);
}

int kill_verify(const char *path, const struct kill_log *log, bool may_drop, struct kill_found *ret,
	struct error *error)
{
	struct check check = {.log = log, .may_drop = may_drop, .error = error};
	struct image_file image;
	int result;

	*ret = (struct kill_found){0};
	if (kill_open(&image, path, error) < 0) {
		image_close(&image);
		return -1;
	}
	ret->header = image.header;
	image_tables_read(&check.tables, &image);
	live_each(&image, NULL, take_blocks, &check);
	if (check.count)
		qsort(check.blocks, check.count, sizeof(*check.blocks), by_address);
	result = check_live(&check, ret);
	if (result == 0)
		result = check_under_way(&check, ret);
	if (result == 0)
		result = check_others(&check, ret);
	if (result == 0)
		result = check_totals(&check, ret);
	image_tables_free(&check.tables);
	image_close(&image);
	free(check.blocks);
	return result;
}
