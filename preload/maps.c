/*
 * Reading the list of mappings, and reading memory that may not be there, see maps.h.
 *
 * A page that the process never touched is zeros, and must stay untouched: reading it would give it
 * storage (a hole in shared memory), a page table, or a lot of time (a reservation of a terabyte).
 * /proc/self/pagemap tells which pages are there or swapped out. A page of a file that is mapped
 * privately and is not there was not written to. One of a shared file may be in the page cache only
 * (mincore); reading it faults, which behind the end of the file is a SIGBUS, so the kernel is
 * asked to make it readable first. So it is of a page that seems to be swapped out, which may be a
 * guard (glibc puts such at the end of stacks). All of these ask about many pages at once: a
 * server's shared memory has tens of thousands that each of its processes has never met.
 */
#include <errno.h>

#include "preload/maps.h"
#include "preload/directory.h"
#include "preload/process.h"
#include "preload/sys.h"
#include "preload/text.h"
#include "preload/trampoline.h"

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#endif
#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102 /* Linux 6.13: a page that gives a signal, in readable memory */
#endif

#define PAGE process_page()
#define FIRST_ROWS 256
#define READ_BYTES 16384u
#define ENTRIES 4096u                         /* pages that are looked up at once */
#define RESIDENT_BYTES (ENTRIES * IMAGE_PAGE) /* the same, for mincore */
#define PLAIN_BYTES 65536u /* of ordinary memory, this much is read without asking */

#define PAGE_PRESENT (1ull << 63)
#define PAGE_SWAPPED (1ull << 62)
#define PAGE_GUARD (1ull << 58) /* since 6.15; before it is PAGE_SWAPPED only */

/* ---- the list ---- */

static struct map *add_row(struct maps *maps)
{
	if (maps->count == maps->capacity) {
		size_t capacity = maps->capacity ? maps->capacity * 2 : FIRST_ROWS;
		struct map *rows = check_allocate(maps->memory, capacity * sizeof(*rows));

		if (!rows)
			return NULL;
		if (maps->count)
			__builtin_memcpy(rows, maps->rows, maps->count * sizeof(*rows));
		maps->rows = rows;
		maps->capacity = capacity;
	}
	return &maps->rows[maps->count++];
}

static enum map_sort sort_of(const char *path, bool shared)
{
	if (*path == '[') {
		if (text_begins(path, "[heap]"))
			return SORT_MALLOC;
		if (text_begins(path, "[stack]"))
			return SORT_STACK;
		/* Named anonymous memory: [anon:…], [anon_shmem:…]. */
		return text_begins(path, "[anon") ? shared ? SORT_SHARED : SORT_ANON : SORT_SYSTEM;
	}
	if (text_begins(path, "/dev/") && !text_begins(path, "/dev/shm/") &&
		!text_begins(path, "/dev/zero"))
		return SORT_DEVICE;
	/* A PCI device's registers are files there, too. */
	if (text_begins(path, "anon_inode:") || text_begins(path, "/sys/") ||
		text_begins(path, "/proc/"))
		return SORT_DEVICE;
	if (shared)
		return SORT_SHARED;
	return *path ? SORT_COPIED : SORT_ANON;
}

/* One line, which ends with a NUL: "start-end rwxp offset device inode path". */
static bool add_line(struct maps *maps, const char *line)
{
	struct map *row;
	uint64_t start, end;
	unsigned spaces = 0;

	line = text_read_hex(line, &start);
	if (*line != '-')
		return false;
	line = text_read_hex(line + 1, &end);
	for (unsigned i = 0; i < 5; i++) {
		if (!line[i])
			return false;
	}
	row = add_row(maps);
	if (!row)
		return false;
	*row = (struct map){.start = start, .end = end};
	row->readable = line[1] == 'r';
	row->writable = line[2] == 'w';
	row->executable = line[3] == 'x';
	bool shared = line[4] == 's';
	/* The path follows the inode's number and any number of spaces. */
	for (; *line && spaces < 4; line++)
		spaces += *line == ' ';
	while (*line && *line != ' ')
		line++;
	while (*line == ' ')
		line++;
	row->sort = sort_of(line, shared);
	return true;
}

/* Long paths are cut: only their beginning matters. */
#define LINE_MAX 160

static bool read_lines(struct maps *maps, int fd)
{
	char *buffer = check_allocate(maps->memory, READ_BYTES), line[LINE_MAX];
	size_t length = 0;
	bool ok = buffer != NULL;
	long n;

	while (ok && (n = sys_read(fd, buffer, READ_BYTES)) > 0) {
		for (long i = 0; i < n && ok; i++) {
			if (buffer[i] != '\n') {
				if (length < LINE_MAX - 1)
					line[length++] = buffer[i];
				continue;
			}
			line[length] = '\0';
			length = 0;
			ok = add_line(maps, line);
		}
	}
	return ok && n == 0 && maps->count > 0;
}

static bool is_no_pager(void *ret, int fd, const char *name)
{
	static const char pager[] = "anon_inode:[userfaultfd]";
	char target[sizeof(pager)];
	long length = sys_call4(SYS_readlinkat, fd, name, target, sizeof(target) - 1);

	target[sys_failed(length) ? 0 : length] = '\0';
	return *(bool *)ret = !text_equal(target, pager);
}

/* Has the process a descriptor of userfaultfd(2)? Then a thread of its own may be who brings pages
 * of some of its memory, and would have to be waited for. */
static bool has_pager(void)
{
	bool none = true;

	directory_each("/proc/thread-self/fd", is_no_pager, &none);
	return !none;
}

bool maps_open(struct maps *ret, struct check_memory *memory, bool others_hold_still)
{
	/* Not /proc/self: the main thread may have ended, and has no memory then. But that is the
	 * file which an emulator knows; the other one is about the emulator. */
	long fd = sys_open(trampoline ? "/proc/self/maps" : "/proc/thread-self/maps", O_RDONLY, 0);
	bool ok;

	*ret = (struct maps){
		.memory = memory, .pagemap = -1, .paged = others_hold_still && has_pager()};
	if (sys_failed(fd))
		return false;
	ok = read_lines(ret, (int)fd);
	sys_close((int)fd);
	if (!ok)
		return false;
	fd = sys_open("/proc/thread-self/pagemap", O_RDONLY, 0);
	ret->pagemap = sys_failed(fd) ? -1 : (int)fd;
	ret->guards = !sys_failed(sys_madvise((void *)PAGE, 0, MADV_GUARD_INSTALL));
	ret->entries = check_allocate(memory, ENTRIES * sizeof(*ret->entries));
	ret->resident = check_allocate(memory, ENTRIES);
	return ret->entries && ret->resident;
}

void maps_close(struct maps *maps)
{
	if (maps->pagemap >= 0)
		sys_close(maps->pagemap);
	maps->pagemap = -1;
}

const struct map *maps_find(struct maps *maps, uintptr_t at)
{
	size_t i = maps->latest;

	if (i >= maps->count || at < maps->rows[i].start || at >= maps->rows[i].end)
		i = map_behind(maps->rows, maps->count, at);
	if (i >= maps->count || at < maps->rows[i].start)
		return NULL;
	maps->latest = i;
	return &maps->rows[i];
}

/* ---- which pages are there ---- */

/* Learns about the pages from `at` on. False when the kernel does not tell. */
static bool look_up(struct maps *maps, uintptr_t at)
{
	uintptr_t start = at & ~(uintptr_t)(PAGE - 1);
	long n;

	if (at >= maps->entries_start && at < maps->entries_end)
		return true;
	if (maps->pagemap < 0)
		return false;
	n = sys_call4(SYS_pread64, maps->pagemap, maps->entries, ENTRIES * sizeof(uint64_t),
		start / PAGE * sizeof(uint64_t));
	if (n < (long)sizeof(uint64_t))
		return false;
	maps->entries_start = start;
	maps->entries_end = start + (uintptr_t)n / sizeof(uint64_t) * PAGE;
	return true;
}

enum page_state {
	PAGE_NONE, /* never touched, or it gives a signal and no bytes */
	PAGE_HERE,
	PAGE_MARKED, /* swapped out, or something that looks so and may be a signal */
};

static enum page_state page_state(const struct maps *maps, uintptr_t at)
{
	uint64_t entry = maps->entries[(at - maps->entries_start) / PAGE];

	if (entry & PAGE_PRESENT)
		return PAGE_HERE;
	return (entry & (PAGE_SWAPPED | PAGE_GUARD)) == PAGE_SWAPPED ? PAGE_MARKED : PAGE_NONE;
}

static bool is_there(const struct maps *maps, uintptr_t at)
{
	return page_state(maps, at) != PAGE_NONE;
}

/* How far, up to `end`, the pages are like the one of `at`, as far as that is known. */
static uintptr_t run_end(const struct maps *maps, uintptr_t at, uintptr_t end)
{
	enum page_state state = page_state(maps, at);
	uintptr_t next = at;

	do
		next = (next & ~(uintptr_t)(PAGE - 1)) + PAGE;
	while (next < end && next < maps->entries_end && page_state(maps, next) == state);
	return next < end ? next : end;
}

/* Makes the pages of [at, end) readable. Of more than one page false may say nothing. */
static bool make_readable(uintptr_t at, uintptr_t end)
{
	uintptr_t page = at & ~(uintptr_t)(PAGE - 1);
	long ret = sys_madvise((void *)page, end - page, MADV_POPULATE_READ);

	if (ret != -EINVAL)
		return !sys_failed(ret);
	/* The kernel does not know how (before 5.14). */
	return end - page <= PAGE && sys_readable((const void *)page);
}

static uintptr_t end_of_page(uintptr_t at, uintptr_t end)
{
	uintptr_t next = (at & ~(uintptr_t)(PAGE - 1)) + PAGE;

	return next < end ? next : end;
}

/* Learns which pages from `at` on are in memory, of many at once: a server's shared memory may have
 * tens of thousands. False when the kernel does not tell. */
static bool look_up_resident(struct maps *maps, uintptr_t at, uintptr_t end)
{
	uintptr_t start = at & ~(uintptr_t)(PAGE - 1);
	uint64_t pages = (end - start + PAGE - 1) / PAGE;

	if (at >= maps->resident_start && at < maps->resident_end)
		return true;
	/* An emulator with larger pages than its machine may answer for each of the machine's. */
	if (pages > RESIDENT_BYTES / PAGE)
		pages = RESIDENT_BYTES / PAGE;
	maps->resident_start = maps->resident_end = 0;
	if (sys_failed(sys_call3(SYS_mincore, start, pages * PAGE, maps->resident)))
		return false;
	maps->resident_start = start;
	maps->resident_end = start + pages * PAGE;
	return true;
}

static bool is_resident(const struct maps *maps, uintptr_t at)
{
	return maps->resident[(at - maps->resident_start) / PAGE] & 1;
}

/* Pages of a shared mapping that the process has not met, or any where the kernel tells nothing
 * about pages: [at, end), of which as many as are alike are read at once. */
static const void *read_careful(struct maps *maps, uintptr_t at, uintptr_t end, uint64_t *size)
{
	uintptr_t next = end_of_page(at, end);

	*size = next - at;
	if (look_up_resident(maps, at, end)) {
		bool resident = is_resident(maps, at);

		while (next < end && next < maps->resident_end &&
			is_resident(maps, next) == resident)
			next = end_of_page(next, end);
		if (!resident || make_readable(at, next)) {
			*size = next - at;
			return resident ? (const void *)at : NULL;
		}
	}
	/* Some of them cannot be read, perhaps not this one. */
	if (make_readable(at, at + *size))
		return (const void *)at;
	maps->unreadable_bytes += *size;
	return NULL;
}

static const void *leave_out(struct maps *maps, uint64_t bytes, uint64_t *size)
{
	maps->unreadable_bytes += bytes;
	*size = bytes;
	return NULL;
}

/* Pages that look as if they were swapped out, [at, end): as many at once as can be read. */
static const void *read_marked(struct maps *maps, uintptr_t at, uintptr_t end, uint64_t *size)
{
	uintptr_t next = end_of_page(at, end);

	if (maps->paged)
		return leave_out(maps, end - at, size);
	if (make_readable(at, end))
		next = end;
	else if (!make_readable(at, next))
		return leave_out(maps, next - at, size);
	*size = next - at;
	return (const void *)at;
}

/* PAGEMAP_SCAN and its arguments, as Linux 6.7 has them. */
#define SCAN_REQUEST 0xc0606610u
#define SCAN_SWAPPED (1u << 4)

struct scan_region {
	uint64_t start, end, categories;
};

struct scan {
	uint64_t size, flags, start, end, walk_end;
	uint64_t regions, region_count, most_pages;
	uint64_t inverted, wanted, wanted_any, told;
};

static bool has_marked_pages(const struct maps *maps, const struct map *map)
{
	struct scan_region region;
	struct scan scan = {.size = sizeof(scan),
		.start = map->start,
		.end = map->end,
		.regions = (uintptr_t)&region,
		.region_count = 1,
		.most_pages = 1,
		.wanted = SCAN_SWAPPED,
		.told = SCAN_SWAPPED};
	long found = sys_call3(SYS_ioctl, maps->pagemap, SCAN_REQUEST, (uintptr_t)&scan);

	return found != 0;
}

/* May reading the mapping that was found last be a signal, because of guards? They look like pages
 * that are swapped out. */
static bool is_holed(struct maps *maps)
{
	struct map *map = &maps->rows[maps->latest];

	if (!map->asked)
		map->holed = maps->guards && (maps->pagemap < 0 || has_marked_pages(maps, map));
	map->asked = true;
	return map->holed;
}

/* Ordinary memory, without a look at what pages there are: blocks are read in any order, and to
 * look up the pages of each takes longer than to read it. With guards, of [at, end) what is alike.
 */
static const void *read_blindly(
	struct maps *maps, uintptr_t at, uintptr_t end, uint64_t *size, bool holed)
{
	uintptr_t next = end_of_page(at, end);
	bool readable = !holed || sys_readable((const void *)at);

	while (holed && next < end && next - at < PLAIN_BYTES &&
		sys_readable((const void *)next) == readable)
		next = end_of_page(next, end);
	if (!readable)
		return leave_out(maps, next - at, size);
	*size = holed ? next - at : end - at;
	return (const void *)at;
}

static const void *read_mapped(
	struct maps *maps, const struct map *map, uintptr_t at, uintptr_t end, uint64_t *size)
{
	bool ordinary =
		map->sort == SORT_ANON || map->sort == SORT_MALLOC || map->sort == SORT_STACK;

	if (ordinary && end - at <= PLAIN_BYTES && !maps->paged)
		return read_blindly(maps, at, end, size, is_holed(maps));
	if (!look_up(maps, at)) {
		if (maps->paged)
			return leave_out(maps, end - at, size);
		if (!ordinary)
			return read_careful(maps, at, end, size);
		return read_blindly(maps, at, end, size, maps->guards);
	}
	if (!is_there(maps, at)) {
		if (map->sort == SORT_SHARED && maps->paged)
			return leave_out(maps, run_end(maps, at, end) - at, size);
		if (map->sort == SORT_SHARED)
			return read_careful(maps, at, run_end(maps, at, end), size);
		/* Zeros, or as in the file. */
		*size = run_end(maps, at, end) - at;
		return NULL;
	}
	*size = run_end(maps, at, end) - at;
	if (page_state(maps, at) == PAGE_MARKED)
		return read_marked(maps, at, at + *size, size);
	return (const void *)at;
}

const void *maps_read(void *context, uint64_t at, uint64_t *size)
{
	struct maps *maps = context;
	const struct map *map = maps_find(maps, at);
	uint64_t end = at + *size;

	if (!map || !map->readable || map->sort == SORT_DEVICE || map->sort == SORT_SYSTEM) {
		size_t next = map_behind(maps->rows, maps->count, at);

		if (map && map->end < end)
			end = map->end;
		else if (!map && next < maps->count && maps->rows[next].start < end)
			end = maps->rows[next].start;
		*size = end - at;
		maps->unreadable_bytes += *size;
		return NULL;
	}
	return read_mapped(maps, map, at, map->end < end ? map->end : end, size);
}
