/*
 * The module table: rows in the image, and what we need of them in private memory, which a forked
 * child inherits.
 *
 * How an unload is noticed: dlclose may be called by libc itself (iconv, NSS), past every hook. But
 * the loader gives each library's link_map back with free(), which comes to us, always after the
 * library's code can no longer run and before the loader can load the next one. So the block that
 * holds a link_map is marked in the live index (SLOT_WATCH), and freeing it retires the module.
 */
#include <link.h>
#include <stdatomic.h>

#include "preload/modules.h"
#include "preload/clock.h"
#include "preload/elf.h"
#include "preload/find_object.h"
#include "preload/image.h"
#include "preload/live.h"
#include "preload/process.h"
#include "preload/real.h"
#include "preload/steps.h"
#include "preload/sys.h"
#include "preload/text.h"

#define ROWS_PER_CHUNK 15 /* of 512 bytes: two pages */
#define MAX_CHUNKS (MODULE_NUMBER_MAX / ROWS_PER_CHUNK)

/* What is needed of the modules that are loaded now; an entry is used again when its module is
 * gone. */
struct known {
	uintptr_t start, end;
	const void *link_map; /* NULL: free */
	uintptr_t eh_frame_hdr;
	uint32_t number;
	_Atomic uint32_t taken; /* somebody fills it, or it is in use */
};

#define KNOWN_MAX 4096     /* loaded at once */
#define REMEMBERED_MAX 256 /* up to so many entries, those of modules that are gone are kept */
#define KEPT_MAX 256       /* whose rows a forked child can write again */

static SPARSE struct chunk_header *_Atomic chunks[MAX_CHUNKS];
static struct rowstore rows = {.type = CHUNK_MODULES,
	.row_size = sizeof(struct image_module),
	.rows_per_chunk = ROWS_PER_CHUNK,
	.max_chunks = MAX_CHUNKS,
	.chunks = chunks};

static SPARSE struct known known[KNOWN_MAX];
static _Atomic uint32_t known_high; /* entries from here on were never used */
static SPARSE struct image_module kept[KEPT_MAX];
static _Atomic uint32_t count; /* numbers given */

/* As the loader has it: may be relative. */
static const char *name_of(const struct link_map *map)
{
	return map->l_name && map->l_name[0] ? map->l_name : process.exe;
}

static void add_path(struct text *path, const struct link_map *map)
{
	const char *name = name_of(map);

	if (name[0] != '/' && name != process.exe && process.cwd[0] && name[0] != '[' &&
		!text_begins(name, "linux-vdso")) {
		text_add(path, process.cwd);
		text_add(path, "/");
	}
	text_add(path, name);
}

/* The path, for which there is no room in the row. */
static void keep_whole_path(uint32_t number, const struct link_map *map)
{
	size_t room = text_length(process.cwd) + sizeof("/") + text_length(name_of(map));
	struct chunk_header *chunk = image_chunk(room, sizeof(*chunk));
	struct text path;

	if (!chunk)
		return;
	path = text_in((char *)chunk + chunk->data, room);
	add_path(&path, map);
	image_publish(chunk, CHUNK_TEXTS, TEXT_MODULE, number, path.used);
}

static void fill_row(struct image_module *row, uint32_t number, const struct found_object *found)
{
	const struct link_map *map = found->link_map;
	struct text path = text_in(row->path, sizeof(row->path));
	size_t id_size = 0;
	const uint8_t *id = elf_build_id((const void *)found->start, map->l_addr, &id_size);

	row->number = number;
	row->start = found->start;
	row->end = found->end;
	row->bias = map->l_addr;
	row->load_moment = clock_moment();
	add_path(&path, map);
	if (path.cut)
		keep_whole_path(number, map);
	row->path_bytes = (uint32_t)path.used;
	if (id && id_size <= IMAGE_BUILD_ID_MAX) {
		__builtin_memcpy(row->build_id, id, id_size);
		row->build_id_size = (uint32_t)id_size;
	}
}

static bool take(struct known *entry)
{
	uint32_t free = 0;

	return atomic_compare_exchange_strong(&entry->taken, &free, 1);
}

/* A new one first, and then those whose modules are gone by turns: they may come back. */
static struct known *take_entry(void)
{
	static _Atomic uint32_t turn;
	uint32_t high = atomic_load(&known_high);

	if (high >= REMEMBERED_MAX) {
		uint32_t first = atomic_fetch_add(&turn, 1);

		for (uint32_t i = 0; i < high; i++) {
			if (take(&known[(first + i) % high]))
				return &known[(first + i) % high];
		}
	}
	for (uint32_t i = high; i < KNOWN_MAX; i++) {
		if (!take(&known[i]))
			continue;
		while (high <= i && !atomic_compare_exchange_weak(&known_high, &high, i + 1))
			;
		return &known[i];
	}
	return NULL;
}

/* Is it the file of this row, where that was? Without a build ID nobody can tell. */
static bool is_same_file(const struct image_module *row, const struct found_object *found)
{
	const struct link_map *map = found->link_map;
	const char *name = name_of(map);
	size_t id_size = 0;
	const uint8_t *id = elf_build_id((const void *)found->start, map->l_addr, &id_size);

	for (size_t i = 0; id && i < id_size && i < IMAGE_BUILD_ID_MAX; i++) {
		if (id[i] != row->build_id[i])
			return false;
	}
	return row->state == MODULE_UNLOADED && row->start == found->start &&
	       row->end == found->end && row->bias == map->l_addr && id && id_size &&
	       id_size == row->build_id_size && name[0] == '/' && text_equal(row->path, name);
}

static void publish(struct known *entry, struct image_module *row, const struct found_object *found)
{
	uint32_t index = row->number - 1;

	if (index < KEPT_MAX) {
		kept[index] = *row;
		kept[index].state = MODULE_LOADED;
	}
	__atomic_store_n(&row->state, MODULE_LOADED, __ATOMIC_RELEASE);
	entry->start = row->start;
	entry->end = row->end;
	entry->eh_frame_hdr = (uintptr_t)found->eh_frame_hdr;
	entry->number = row->number;
	__atomic_store_n(&entry->link_map, found->link_map, __ATOMIC_RELEASE);
	/* The loader's own first objects are not in the live index, and are never unloaded. */
	live_watch(found->link_map);
}

/* A module that comes back to where it was gets its number again, or a program that loads and
 * unloads a library for everything it does (iconv, PAM) would run out of numbers, and have as many
 * sites for one call. 0: it does not. */
static SLOW uint32_t add_again(const struct found_object *found)
{
	uint32_t n = atomic_load(&known_high);

	for (uint32_t i = 0; i < n; i++) {
		struct known *entry = &known[i];
		struct image_module *row;

		if (entry->start != found->start || !take(entry))
			continue;
		row = entry->number ? rowstore_get(&rows, entry->number - 1) : NULL;
		if (row && is_same_file(row, found)) {
			row->unload_moment = 0;
			publish(entry, row, found);
			return entry->number;
		}
		atomic_store(&entry->taken, 0);
	}
	return 0;
}

/* Gives a module its number; 0 when there is none left. */
static SLOW uint32_t add(const struct found_object *found)
{
	struct known *entry = take_entry();
	struct image_module *row = NULL;
	uint32_t index = 0;

	if (entry && atomic_load(&count) < MODULE_NUMBER_MAX) {
		index = atomic_fetch_add(&count, 1);
		row = index < MODULE_NUMBER_MAX ? rowstore_make(&rows, index) : NULL;
	}
	if (!row) {
		if (entry)
			atomic_store(&entry->taken, 0);
		image_count_lost(LOST_DROPPED_MODULES, 1);
		return 0;
	}
	fill_row(row, index + 1, found);
	publish(entry, row, found);
	return index + 1;
}

/* As modules_find, where `found` is. A module without a number gets 0. */
static void look_up(const struct found_object *found, struct loaded *ret)
{
	uint32_t n = atomic_load_explicit(&known_high, memory_order_acquire);

	ret->start = found->start;
	ret->end = found->end;
	ret->eh_frame_hdr = found->eh_frame_hdr;
	ret->link_map = found->link_map;
	ret->number = 0;
	for (uint32_t i = 0; i < n; i++) {
		const struct known *k = &known[i];

		if (__atomic_load_n(&k->link_map, __ATOMIC_ACQUIRE) == ret->link_map &&
			k->start == ret->start && k->end == ret->end &&
			k->eh_frame_hdr == (uintptr_t)ret->eh_frame_hdr) {
			ret->number = k->number;
			return;
		}
	}
}

/* A module that is known, where that is less work than to ask. What runs is not being unloaded, and
 * what was unloaded is known no more. */
static bool known_around(uintptr_t ip, struct loaded *ret)
{
	uint32_t n = atomic_load_explicit(&known_high, memory_order_acquire);

	for (uint32_t i = 0; i < n && !FIND_OBJECT_HAS_TABLE; i++) {
		const struct known *k = &known[i];
		const void *map = __atomic_load_n(&k->link_map, __ATOMIC_ACQUIRE);

		if (map && ip - k->start < k->end - k->start) {
			*ret = (struct loaded){
				k->start, k->end, (const void *)k->eh_frame_hdr, map, k->number};
			return true;
		}
	}
	return false;
}

bool modules_find(uintptr_t ip, struct loaded *ret)
{
	struct found_object found;

	if (known_around(ip, ret))
		return true;
	if (!find_object(ip, &found))
		return false;
	look_up(&found, ret);
	if (!ret->number)
		ret->number = add_again(&found);
	if (!ret->number)
		ret->number = add(&found);
	return true;
}

bool modules_find_known(uintptr_t ip, struct loaded *ret)
{
	struct found_object found;

	if (known_around(ip, ret))
		return true;
	if (!find_object(ip, &found))
		return false;
	look_up(&found, ret);
	return true;
}

bool modules_is_there(const struct link_map *map)
{
	struct found_object found;

	/* Its addresses may be another object's, which is mapped but not found yet. */
	return map->l_ld && find_object((uintptr_t)map->l_ld, &found) && found.link_map == map &&
	       sys_readable((const void *)found.start);
}

bool modules_is_loaded(uint32_t number)
{
	uint32_t n = atomic_load_explicit(&known_high, memory_order_acquire);

	for (uint32_t i = 0; i < n; i++) {
		if (__atomic_load_n(&known[i].link_map, __ATOMIC_ACQUIRE) &&
			known[i].number == number)
			return true;
	}
	return false;
}

static SLOW void retire(struct known *entry)
{
	uint32_t number = entry->number;
	struct image_module *row = rowstore_get(&rows, number - 1);

	__atomic_store_n(&entry->link_map, NULL, __ATOMIC_RELEASE);
	if (number <= KEPT_MAX)
		kept[number - 1].state = MODULE_UNLOADED;
	if (row) {
		row->unload_moment = clock_moment();
		__atomic_store_n(&row->state, MODULE_UNLOADED, __ATOMIC_RELEASE);
	}
	__atomic_fetch_add(&hot.unloads, 1, __ATOMIC_SEQ_CST);
	steps_forget_module(number);
	real_forget(entry->start, entry->end);
	atomic_store(&entry->taken, 0);
}

void modules_block_freed(const void *block)
{
	uint32_t n = atomic_load_explicit(&known_high, memory_order_acquire);

	for (uint32_t i = 0; i < n; i++) {
		if (known[i].link_map == block)
			retire(&known[i]);
	}
}

void modules_start(void)
{
	extern const ElfW(Ehdr) __ehdr_start __attribute__((visibility("hidden")));
	struct loaded self;

	/* Our own code is the one place whose address we know before anything else. */
	modules_find((uintptr_t)&__ehdr_start, &self);
}

/* Of a module that is still there; the name of another is gone. */
static void inherit_whole_path(uint32_t number)
{
	uint32_t n = atomic_load(&known_high);

	for (uint32_t i = 0; i < n; i++) {
		const struct link_map *map = known[i].link_map;

		if (map && known[i].number == number && modules_is_there(map))
			keep_whole_path(number, map);
	}
}

void modules_inherit(void)
{
	uint32_t n = atomic_load(&count);

	rowstore_forget(&rows);
	if (n > KEPT_MAX)
		image_count_lost(LOST_DROPPED_MODULES, n - KEPT_MAX);
	for (uint32_t i = 0; i < n && i < KEPT_MAX; i++) {
		struct image_module *row = rowstore_make(&rows, i);

		if (!row)
			return;
		*row = kept[i];
		row->state = MODULE_FREE;
		row->load_moment = row->unload_moment = 0;
		if (row->path_bytes == sizeof(row->path) - 1)
			inherit_whole_path(i + 1);
		__atomic_store_n(&row->state, kept[i].state, __ATOMIC_RELEASE);
	}
}
