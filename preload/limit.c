/*
 * Watches the headroom of the process, see limit.h: the memory cgroup (version 2, else 1; its file
 * cache that can be dropped does not count), the address space (RLIMIT_AS) and the data
 * (RLIMIT_DATA). Descriptors live for one reading. A limit is noted once when it is crossed, and
 * again after the use has gone down by a twentieth of it. Does not see a limit of a cgroup further
 * up, or one that comes after the start.
 */
#include <stdatomic.h>

#include "preload/limit.h"
#include "preload/check_copy.h"
#include "preload/epochs.h"
#include "preload/image.h"
#include "preload/options.h"
#include "preload/process.h"
#include "preload/sandbox.h"
#include "preload/sys.h"
#include "preload/text.h"

#define PATH_MAX_HERE 1024

/* What can run out. */
struct headroom {
	const char *label; /* of the snapshot, up to 15 bytes */
	uint64_t limit;    /* bytes, UINT64_MAX: none */
	bool noted;
};

static struct headroom cgroup = {.label = "cgroup memory"}, space = {.label = "address space"},
		       data = {.label = "data"};

/* Files of the cgroup; empty when there is none. */
static char usage_path[PATH_MAX_HERE], stat_path[PATH_MAX_HERE];
static const char *cache_key; /* the line of stat_path that tells the file cache */

/* One thread reads at a time, into static memory: a program's thread may have little stack. */
static atomic_flag busy = ATOMIC_FLAG_INIT;
static char buffer[8192];

static bool read_file(const char *path)
{
	long fd = sys_open(path, O_RDONLY | O_CLOEXEC, 0), n;

	if (sys_failed(fd))
		return false;
	n = sys_read((int)fd, buffer, sizeof(buffer) - 1);
	sys_close((int)fd);
	if (n <= 0)
		return false;
	buffer[n] = '\0';
	return true;
}

/* The number at `at`; UINT64_MAX where there is none ("max"). Ends behind it. */
static uint64_t number_at(const char **at)
{
	uint64_t value;

	if (**at < '0' || **at > '9')
		return UINT64_MAX;
	*at = text_read_decimal(*at, &value);
	return value;
}

static uint64_t number_in(const char *path)
{
	const char *at = buffer;

	return read_file(path) ? number_at(&at) : UINT64_MAX;
}

/* The number behind a key at the start of a line of what was read; 0 when there is none. */
static uint64_t number_of(const char *key)
{
	for (const char *at = buffer; *at;) {
		if (text_begins(at, key)) {
			at += text_length(key);
			return number_at(&at);
		}
		while (*at && *at++ != '\n')
			;
	}
	return 0;
}

static void join(char *ret, const char *mount, const char *group, const char *file)
{
	struct text t = text_in(ret, PATH_MAX_HERE);

	text_add(&t, mount);
	text_add(&t, group);
	text_add(&t, "/");
	text_add(&t, file);
	if (t.cut)
		ret[0] = '\0';
}

/* Takes the cgroup if it is there and has a limit. A container sees its own at the mount point. */
static bool take_cgroup(const char *mount, const char *group, const char *limit, const char *usage)
{
	static char path[PATH_MAX_HERE];

	join(path, mount, group, limit);
	cgroup.limit = path[0] ? number_in(path) : UINT64_MAX;
	/* Version 1 says "none" with the largest number of pages. */
	if (cgroup.limit >= INT64_MAX / 2)
		return false;
	join(usage_path, mount, group, usage);
	join(stat_path, mount, group, "memory.stat");
	return usage_path[0] && stat_path[0];
}

/* A line of /proc/self/cgroup: "0::PATH" for version 2, "N:…memory…:PATH" for version 1. */
static bool take_line(const char *line)
{
	static char group[PATH_MAX_HERE];
	struct text t = text_in(group, sizeof(group));
	const char *names = line, *path;
	bool second = text_begins(line, "0::"), first = false;

	while (*names && *names != ':' && *names != '\n')
		names++;
	for (path = names;
		*path && *path != '\n' && !(path > names && path[-1] == ':' && *path == '/');
		path++)
		first = first || text_begins(path, "memory:") || text_begins(path, "memory,");
	if (*path != '/' || !(second || first))
		return false;
	for (const char *at = path; *at && *at != '\n'; at++)
		text_add_bytes(&t, at, 1);
	if (t.cut)
		return false;
	cache_key = second ? "inactive_file " : "total_inactive_file ";
	if (second)
		return take_cgroup("/sys/fs/cgroup", path[1] == '\n' ? "" : group, "memory.max",
			       "memory.current") ||
		       take_cgroup("/sys/fs/cgroup", "", "memory.max", "memory.current");
	return take_cgroup("/sys/fs/cgroup/memory", group, "memory.limit_in_bytes",
		       "memory.usage_in_bytes") ||
	       take_cgroup("/sys/fs/cgroup/memory", "", "memory.limit_in_bytes",
		       "memory.usage_in_bytes");
}

static void find_cgroup(void)
{
	static char lines[4096];
	struct text t = text_in(lines, sizeof(lines));

	cgroup.limit = UINT64_MAX;
	usage_path[0] = '\0';
	if (!read_file("/proc/self/cgroup"))
		return;
	text_add(&t, buffer); /* looking at a cgroup reads other files into the buffer */
	for (const char *at = lines; *at;) {
		if (take_line(at))
			return;
		while (*at && *at++ != '\n')
			;
	}
	cgroup.limit = UINT64_MAX;
}

void limit_start(void)
{
	atomic_flag_clear(&busy);
	cgroup.noted = space.noted = data.noted = false;
	if (options.limit)
		find_cgroup();
}

static void compare(struct headroom *what, uint64_t used)
{
	uint64_t line = what->limit / 100 * options.limit;

	if (what->limit == UINT64_MAX || used == UINT64_MAX)
		return;
	if (used >= line && !what->noted) {
		what->noted = true;
		epochs_add_amounts(EPOCH_LIMIT, what->label, used, what->limit);
		check_aside(CHECK_AT_LIMIT);
	} else if (used < line - what->limit / 20) {
		what->noted = false;
	}
}

static void check_cgroup(void)
{
	uint64_t used, cache;

	if (!usage_path[0])
		return;
	used = number_in(usage_path);
	cache = read_file(stat_path) ? number_of(cache_key) : 0;
	if (used != UINT64_MAX && cache < used)
		used -= cache;
	compare(&cgroup, used);
}

/* /proc/self/statm: pages of address space, resident, shared, text, library, data. */
static void check_process(void)
{
	const char *at = buffer;
	uint64_t fields[6] = {0};

	/* Limits may change at any time. */
	space.limit = sys_limit(RLIMIT_AS);
	data.limit = sys_limit(RLIMIT_DATA);
	if ((space.limit & data.limit) == UINT64_MAX || !read_file("/proc/self/statm"))
		return;
	for (unsigned i = 0; i < 6; i++) {
		fields[i] = number_at(&at);
		if (fields[i] == UINT64_MAX)
			return;
		while (*at == ' ')
			at++;
	}
	compare(&space, fields[0] * process_page());
	compare(&data, fields[5] * process_page());
}

SLOW void limit_check(void)
{
	if (sandbox_may_kill() || atomic_flag_test_and_set(&busy))
		return;
	check_cgroup();
	check_process();
	atomic_flag_clear(&busy);
}

#define GROWTH_PER_LOOK (1ull << 20)

SLOW void limit_grew(uint64_t bytes)
{
	static _Atomic uint64_t grown;

	if (atomic_fetch_add(&grown, bytes) + bytes < GROWTH_PER_LOOK)
		return;
	atomic_store(&grown, 0);
	limit_check();
}

SLOW void *limit_failed(size_t size)
{
	uint64_t count = __atomic_add_fetch(&image->failed_allocs, 1, __ATOMIC_RELAXED);

	if ((count & (count - 1)) == 0)
		epochs_add_amounts(EPOCH_FAILED, "", size, 0);
	return NULL;
}
