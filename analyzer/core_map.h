/* The address space of the process of a core, each part with what it is for. */
#ifndef LEAK_CORE_MAP_H
#define LEAK_CORE_MAP_H

#include "core_file.h"
#include "core_modules.h"
#include "model.h"

struct core_range {
	uint64_t start, end; /* addresses */
	uint64_t kept, held; /* as in struct core_segment */
	enum map_kind kind;
	bool readable, writable, executable;
	const char *path; /* of the mapped file, NULL: none */
	int tid;          /* of a stack's thread, else 0 */
};

struct core_map {
	struct core_range *ranges; /* by address, not overlapping */
	size_t count, capacity;
	struct core_range *marks; /* private: parts whose kind was told, see core_map_mark */
	size_t mark_count, mark_capacity;
};

/* Lists what was mapped, files and segments, and tells the kinds that the mappings themselves give
 * away: all but heaps. `image` is the path of the recorder's image, NULL: not known. */
void core_map_make(struct core_map *map, const struct core_file *core,
	const struct core_modules *modules, const char *image);
void core_map_free(struct core_map *map);

/* Says that a part is of `kind`. Nothing is seen of it before core_map_apply, which takes all
 * marks over; of marks that overlap the one that starts first counts. */
void core_map_mark(struct core_map *map, uint64_t start, uint64_t end, enum map_kind kind, int tid);
void core_map_apply(struct core_map *map);

/* Marks anonymous memory from `start` on, up to `end` at most, as reserved if nobody may write it:
 * of what may not be read either, gcore says that it may be. */
void core_map_mark_reserved(struct core_map *map, uint64_t start, uint64_t end);

/* The range that an address lies in, NULL when nothing was mapped there. */
const struct core_range *core_map_at(const struct core_map *map, uint64_t address);

/* The sums of each kind. */
void core_map_sum(const struct core_map *map, struct map_row rows[MAP_KIND_COUNT]);

/* Writes what lies at an address that a thread with the stack pointer `sp` touched: "not mapped, 8
 * bytes above …". */
void core_map_describe(
	const struct core_map *map, uint64_t address, uint64_t sp, char *room, size_t size);

#endif
