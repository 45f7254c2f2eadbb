/* Paths of example blocks, see path_list.h. */
#include "preload/path_list.h"
#include "preload/path_steps.h"

/* The path that is being followed. */
struct path_following {
	struct image_path block, root;
	struct image_path step; /* the last block on the way, which is not in `steps` yet */
	bool on_the_way;        /* there is one */
	bool cut;
	struct path_list *list;
	struct path_steps steps;
};

/* ---- following one path ---- */

/* The word at an address; 0 where it cannot be read. */
static uint64_t read_word(const struct path_list *list, uint64_t at)
{
	uint64_t size = 8, word = 0;
	const void *bytes = list->view->read(list->view->context, at, &size);

	if (bytes && size >= 8)
		__builtin_memcpy(&word, bytes, 8);
	return word;
}

/* How far into the block of a row a word points. */
static uint64_t into(const struct path_list *list, const struct image_path *row, uint64_t word)
{
	if (list->tags && (word & ~(uint64_t)7) == row->address)
		return 0;
	return word - row->address < row->size ? word - row->address : 0;
}

static bool follow(void *context, const struct reach_step *word, const struct reach_block *owner)
{
	struct path_following *following = context;
	struct path_list *list = following->list;
	struct image_path *kept = following->on_the_way ? &following->step : &following->block;
	uint64_t at_hand = 0;

	if (list->steps_left == 0) {
		following->cut = true;
		return false;
	}
	list->steps_left--;
	if (!owner) {
		following->root.detail = ROOT_OTHER;
		following->root.address = word->at_hand ? 0 : word->word;
		at_hand = list->describe(list->context, word, &following->root);
	}
	kept->into = into(list, kept, word->at_hand ? at_hand : read_word(list, word->word));
	if (following->on_the_way)
		path_steps_add(&following->steps, &following->step);
	following->on_the_way = owner;
	if (owner)
		following->step = (struct image_path){.kind = PATH_STEP,
			.site = owner->site,
			.address = owner->address,
			.size = owner->size,
			.offset = word->word - owner->address,
			.count = 1};
	return true;
}

/* ---- rows ---- */

static bool make_room(struct path_list *list, size_t more)
{
	size_t capacity = list->capacity ? list->capacity : 128;
	struct image_path *rows;

	while (capacity < list->count + more)
		capacity *= 2;
	if (capacity == list->capacity)
		return true;
	rows = list->view->allocate(list->view->context, capacity * sizeof(*rows));
	if (!rows)
		return false;
	if (list->count)
		__builtin_memcpy(rows, list->rows, list->count * sizeof(*rows));
	list->rows = rows;
	list->capacity = capacity;
	return true;
}

static bool begin(struct path_list *list)
{
	if (!list->following)
		list->following =
			list->view->allocate(list->view->context, sizeof(*list->following));
	return list->following;
}

bool path_list_add(struct path_list *list, const struct reach_block *block)
{
	struct path_following *following;

	if (!begin(list) || !make_room(list, PATH_ROWS_MAX + 2)) {
		list->cut++;
		return false;
	}
	following = list->following;
	*following = (struct path_following){.list = list,
		.block = {.kind = PATH_BLOCK,
			.site = block->site,
			.address = block->address,
			.size = block->size,
			.detail = (uint16_t)block->class},
		.root = {.kind = PATH_ROOT, .detail = ROOT_NONE}};
	reach_path(list->reach, block->address, follow, following);
	if (following->cut) {
		list->cut++;
		return true;
	}
	/* A chain of lost blocks ends in one that nothing points at. */
	if (following->on_the_way)
		path_steps_add(&following->steps, &following->step);
	list->rows[list->count++] = following->block;
	list->count += path_steps_rows(&following->steps, list->rows + list->count);
	list->rows[list->count++] = following->root;
	list->paths++;
	return true;
}

/* ---- one for each call site and class ---- */

static bool add_first(void *context, const struct reach_block *block)
{
	struct path_list *list = context;
	uint64_t bit = 2 * (uint64_t)block->site + (block->class == REACH_POSSIBLE);

	if ((block->class != REACH_REACHABLE && block->class != REACH_POSSIBLE) ||
		block->site >= list->site_end || list->seen[bit / 64] >> bit % 64 & 1)
		return true;
	list->seen[bit / 64] |= 1ull << bit % 64;
	path_list_add(list, block);
	return true;
}

bool path_list_find(struct path_list *list)
{
	list->seen = list->view->allocate(
		list->view->context, (list->site_end / 32 + 1) * sizeof(*list->seen));
	if (!list->seen || !begin(list))
		return false;
	reach_each(list->reach, add_first, list);
	return true;
}
