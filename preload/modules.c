/*
 * The module table: rows in the image, and what we need of them in private memory, which a forked
 * child inherits.
 *
 * How an unload is noticed: dlclose may be called by libc itself (iconv, NSS), past every hook. But
 * the loader gives each library's link_map back with free(), which comes to us, always after the
 * library's code can no longer run and before the loader can load the next one. So the block that
 * holds a link_map is marked in the live index (SLOT_WATCH), and freeing it retires the module.
 */
#include <dlfcn.h>
#include <link.h>
#include <stdatomic.h>

#include "preload/modules.h"
#include "preload/clock.h"
#include "preload/elf.h"
#include "preload/image.h"
#include "preload/live.h"
#include "preload/process.h"
#include "preload/steps.h"
#include "preload/sys.h"
#include "preload/text.h"

#define ROWS_PER_CHUNK 15 /* of 512 bytes: two pages */
#define MAX_CHUNKS (MODULE_NUMBER_MAX / ROWS_PER_CHUNK)

struct known {
	uintptr_t start, end;
	const void *link_map; /* NULL: retired, or not there yet */
	uintptr_t eh_frame_hdr;
};

#define KNOWN_MAX 4096 /* modules alive at once that are found by number; see modules_find */

static struct chunk_header *_Atomic chunks[MAX_CHUNKS];
static struct rowstore rows = {.type = CHUNK_MODULES,
	.row_size = sizeof(struct image_module),
	.rows_per_chunk = ROWS_PER_CHUNK,
	.max_chunks = MAX_CHUNKS,
	.chunks = chunks};

static struct known known[KNOWN_MAX];
static struct image_module kept[KNOWN_MAX / 16]; /* what a forked child writes again */
static _Atomic uint32_t count;
_Atomic uint32_t modules_unloaded;

static void fill_row(struct image_module *row, uint32_t number, const struct dl_find_object *found)
{
	const struct link_map *map = found->dlfo_link_map;
	const char *name = map->l_name && map->l_name[0] ? map->l_name : process.exe;
	struct text path = text_in(row->path, sizeof(row->path));
	size_t id_size = 0;
	const uint8_t *id = elf_build_id(found->dlfo_map_start, map->l_addr, &id_size);

	row->number = number;
	row->start = (uintptr_t)found->dlfo_map_start;
	row->end = (uintptr_t)found->dlfo_map_end;
	row->bias = map->l_addr;
	row->load_moment = clock_moment();
	if (name[0] != '/' && name != process.exe && process.cwd[0] && name[0] != '[' &&
		!text_begins(name, "linux-vdso")) {
		text_add(&path, process.cwd);
		text_add(&path, "/");
	}
	text_add(&path, name);
	row->path_bytes = (uint32_t)path.used;
	if (id && id_size <= IMAGE_BUILD_ID_MAX) {
		__builtin_memcpy(row->build_id, id, id_size);
		row->build_id_size = (uint32_t)id_size;
	}
}

static SLOW uint32_t add(const struct dl_find_object *found)
{
	uint32_t index = atomic_fetch_add(&count, 1);
	struct image_module *row;

	if (index >= KNOWN_MAX || !(row = rowstore_make(&rows, index))) {
		atomic_fetch_sub(&count, 1);
		return 0;
	}
	fill_row(row, index + 1, found);
	if (index < sizeof(kept) / sizeof(kept[0])) {
		kept[index] = *row;
		kept[index].state = MODULE_LOADED;
	}
	__atomic_store_n(&row->state, MODULE_LOADED, __ATOMIC_RELEASE);
	known[index].start = row->start;
	known[index].end = row->end;
	known[index].eh_frame_hdr = (uintptr_t)found->dlfo_eh_frame;
	__atomic_store_n(&known[index].link_map, found->dlfo_link_map, __ATOMIC_RELEASE);
	/* The loader's own first objects are not in the live index, and are never unloaded. */
	live_watch(found->dlfo_link_map);
	return index + 1;
}

bool modules_find(uintptr_t ip, struct loaded *ret)
{
	struct dl_find_object found;
	uint32_t n = atomic_load_explicit(&count, memory_order_acquire);

	if (_dl_find_object((void *)ip, &found) != 0)
		return false;
	ret->start = (uintptr_t)found.dlfo_map_start;
	ret->end = (uintptr_t)found.dlfo_map_end;
	ret->eh_frame_hdr = found.dlfo_eh_frame;
	ret->link_map = found.dlfo_link_map;
	ret->number = 0;
	for (uint32_t i = n < KNOWN_MAX ? n : KNOWN_MAX; i-- > 0;) {
		if (known[i].link_map == ret->link_map && known[i].start == ret->start &&
			known[i].end == ret->end &&
			known[i].eh_frame_hdr == (uintptr_t)ret->eh_frame_hdr) {
			ret->number = i + 1;
			return true;
		}
	}
	ret->number = add(&found);
	return true;
}

static SLOW void retire(uint32_t index)
{
	struct image_module *row = rowstore_get(&rows, index);

	__atomic_store_n(&known[index].link_map, NULL, __ATOMIC_RELEASE);
	if (index < sizeof(kept) / sizeof(kept[0]))
		kept[index].state = MODULE_UNLOADED;
	if (row) {
		row->unload_moment = clock_moment();
		__atomic_store_n(&row->state, MODULE_UNLOADED, __ATOMIC_RELEASE);
	}
	atomic_fetch_add(&modules_unloaded, 1);
	steps_forget_module(index + 1);
}

void modules_block_freed(const void *block)
{
	uint32_t n = atomic_load_explicit(&count, memory_order_acquire);

	for (uint32_t i = 0; i < n && i < KNOWN_MAX; i++) {
		if (known[i].link_map == block)
			retire(i);
	}
}

void modules_start(void)
{
	extern const ElfW(Ehdr) __ehdr_start __attribute__((visibility("hidden")));
	struct loaded self;

	/* Our own code is the one place whose address we know before anything else. */
	modules_find((uintptr_t)&__ehdr_start, &self);
}

void modules_inherit(void)
{
	uint32_t n = atomic_load(&count);

	rowstore_forget(&rows);
	for (uint32_t i = 0; i < n && i < sizeof(kept) / sizeof(kept[0]); i++) {
		struct image_module *row = rowstore_make(&rows, i);

		if (!row)
			return;
		*row = kept[i];
		row->state = MODULE_FREE;
		row->load_moment = row->unload_moment = 0;
		__atomic_store_n(&row->state, kept[i].state, __ATOMIC_RELEASE);
	}
}
