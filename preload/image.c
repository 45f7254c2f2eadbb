/*
 * The image's storage: creation, growth, the end.
 *
 * The mapping is as large as the image may ever become and stays where it is; a sparse file of that
 * length lies behind it. Only the opened part [0, opened) is accessible and backed by storage; it
 * grows ahead of need. Chunks are handed out by one atomic addition and never return.
 *
 * A child must never write into its parent's image: the mapping is not inherited (MADV_DONTFORK).
 */
#include <errno.h>

#include "preload/image.h"
#include "preload/clock.h"
#include "preload/options.h"
#include "preload/output.h"
#include "preload/process.h"
#include "preload/sys.h"
#include "preload/text.h"

#define LIMIT_WANTED (64ull << 30)
#define LIMIT_LEAST (1ull << 20)
#define OPEN_FIRST (64u << 10) /* also the least step: a short process touches little */
#define OPEN_STEP_MAX (4ull << 20)

struct image_header *image;

static char path[OUTPUT_PATH_MAX];
static uint64_t limit_bytes;
static dev_t file_device;
static ino_t file_inode; /* 0: anonymous */
static _Atomic uint64_t used, opened;

static uint64_t round_down(uint64_t n)
{
	return n & ~(uint64_t)(IMAGE_PAGE - 1);
}

static uint64_t round_up(uint64_t n)
{
	return round_down(n + IMAGE_PAGE - 1);
}

/* How large the image may become under the process's limits. */
static uint64_t limit_wanted(bool file)
{
	uint64_t want = LIMIT_WANTED, space = sys_limit(RLIMIT_AS),
		 length = sys_limit(RLIMIT_FSIZE);

	if (space != UINT64_MAX && want > space / 8)
		want = space / 8;
	if (file && want > length)
		want = length;
	return round_down(want);
}

/* Maps `size` bytes of the file, or anonymous memory, with nothing accessible yet. */
static void *reserve(uint64_t size, int fd)
{
	int flags = fd >= 0 ? MAP_SHARED : MAP_PRIVATE | MAP_ANONYMOUS;
	long at = sys_mmap(NULL, size, PROT_NONE, flags | MAP_NORESERVE, fd, 0);

	if (sys_failed(at))
		return NULL;
	sys_madvise((void *)at, size, MADV_DONTFORK);
	sys_madvise((void *)at, size, MADV_DONTDUMP);
	return (void *)at;
}

/* Makes [0, want) accessible and backed. False when there is no storage. */
static bool open_up_to(char *base, uint64_t want)
{
	uint64_t from = atomic_load_explicit(&opened, memory_order_acquire);
	long ret;

	if (want <= from)
		return true;
	if (sys_failed(sys_mprotect(base + from, want - from, PROT_READ | PROT_WRITE)))
		return false;
	ret = sys_madvise(base + from, want - from, MADV_POPULATE_WRITE);
	/* Kernels before 5.14 cannot promise storage: then only memory that needs none will do. */
	if (sys_failed(ret) && (ret != -EINVAL || file_inode))
		return false;
	sys_madvise(base + from, want - from, MADV_DODUMP);
	/* Several threads may have opened the same range: all of them did the same. */
	while (from < want && !atomic_compare_exchange_weak(&opened, &from, want))
		;
	return true;
}

static void *map_file(int fd)
{
	struct stat st;
	uint64_t size = limit_wanted(true);
	void *at;

	if (sys_failed(sys_fstat(fd, &st)))
		return NULL;
	for (; size >= LIMIT_LEAST; size = round_down(size / 2)) {
		if (sys_failed(sys_ftruncate(fd, size)))
			continue; /* longer than this file system's files may be */
		at = reserve(size, fd);
		if (!at)
			continue;
		limit_bytes = size;
		file_device = st.st_dev;
		file_inode = st.st_ino;
		atomic_store(&opened, 0);
		if (open_up_to(at, OPEN_FIRST))
			return at;
		sys_munmap(at, size);
		break;
	}
	return NULL;
}

static void *map_anonymous(void)
{
	file_inode = 0;
	for (uint64_t size = limit_wanted(false); size >= LIMIT_LEAST;
		size = round_down(size / 2)) {
		void *at = reserve(size, -1);

		if (!at)
			continue;
		limit_bytes = size;
		atomic_store(&opened, 0);
		if (open_up_to(at, OPEN_FIRST))
			return at;
		sys_munmap(at, size);
	}
	return NULL;
}

/* May a sentence about the output appear on stderr? Where the user asked for something that cannot
 * be had, or watches a terminal. */
static bool may_complain(bool forked)
{
	char termios[64];

	if (forked)
		return false;
	return options.output_given || options.summary ||
	       !sys_failed(sys_call3(SYS_ioctl, 2, 0x5401 /* TCGETS */, termios));
}

static void read_boot_id(uint8_t ret[16])
{
	char hex[37];
	long fd = sys_open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC, 0);
	long n;
	unsigned nibble = 0;

	if (sys_failed(fd))
		return;
	n = sys_read((int)fd, hex, 36);
	sys_close((int)fd);
	for (long i = 0; i < n && nibble < 32; i++) {
		unsigned char c = (unsigned char)hex[i];
		unsigned value = c >= 'a' ? c - 'a' + 10u : c - (unsigned)'0';

		if (c == '-')
			continue;
		ret[nibble / 2] = (uint8_t)(ret[nibble / 2] << 4 | (value & 15));
		nibble++;
	}
}

/* Field 22 of /proc/self/stat; the program's name (field 2) may hold anything but ends in ')'. */
static uint64_t read_start_time(void)
{
	char stat[1024];
	long fd = sys_open("/proc/self/stat", O_RDONLY | O_CLOEXEC, 0);
	long n, at;
	uint64_t value = 0;

	if (sys_failed(fd))
		return 0;
	n = sys_read((int)fd, stat, sizeof(stat));
	sys_close((int)fd);
	if (n <= 0)
		return 0;
	for (at = n - 1; at > 0 && stat[at] != ')'; at--)
		;
	for (int field = 2; at < n && field < 22; at++) {
		if (stat[at] == ' ')
			field++;
	}
	for (; at < n && stat[at] >= '0' && stat[at] <= '9'; at++)
		value = value * 10 + (uint64_t)(stat[at] - '0');
	return value;
}

static void fill_header(struct image_header *h, bool file, bool forked)
{
	struct text t;

	h->version = IMAGE_VERSION;
	h->endian = IMAGE_ENDIAN_MARK;
	h->header_size = sizeof(*h);
	h->machine = ARCH_ELF_MACHINE;
	h->page_size = IMAGE_PAGE;
	h->backing = file ? IMAGE_BACKING_FILE : IMAGE_BACKING_ANONYMOUS;
	h->pid = sys_getpid();
	h->ppid = sys_getppid();
	h->forked = forked;
	h->start_realtime_ns = clock_realtime_ns();
	h->start_monotonic_ns = process_clock.start_ns;
	h->process_starttime = read_start_time();
	read_boot_id(h->boot_id);
	h->used_bytes = IMAGE_PAGE;
	h->opened_bytes = OPEN_FIRST;
	h->limit_bytes = limit_bytes;
	h->clock_shift = CLOCK_SHIFT;
	t = text_in(h->exe, sizeof(h->exe));
	text_add(&t, process.exe);
	t = text_in(h->cwd, sizeof(h->cwd));
	text_add(&t, process.cwd);
	__builtin_memcpy(h->args, process.args, sizeof(h->args));
	h->args_bytes = process.args_bytes;
	h->args_cut = process.args_cut;
	t = text_in(h->options, sizeof(h->options));
	text_add(&t, process.options);
	atomic_store(&used, IMAGE_PAGE);
}

bool image_create(bool forked)
{
	void *at = NULL;
	int fd = output_create(path, may_complain(forked));

	if (fd >= 0) {
		at = map_file(fd);
		sys_close(fd);
		if (!at) {
			sys_unlink(path);
			path[0] = '\0';
		}
	}
	bool file = at != NULL;

	if (!at)
		at = map_anonymous();
	if (!at)
		return false;
	fill_header(at, file, forked);
	__atomic_store_n(&((struct image_header *)at)->magic, IMAGE_MAGIC, __ATOMIC_RELEASE);
	__atomic_store_n(&image, (struct image_header *)at, __ATOMIC_RELEASE);
	return true;
}

const char *image_path(void)
{
	return path;
}

/* Opens more ahead of need: an eighth of what is used, so that a large image grows rarely. */
static SLOW bool grow(uint64_t need)
{
	uint64_t step = round_up(need / 8), want;

	if (step < OPEN_FIRST)
		step = OPEN_FIRST;
	if (step > OPEN_STEP_MAX)
		step = OPEN_STEP_MAX;
	want = need + step > limit_bytes ? limit_bytes : need + step;
	if (need > want)
		return false;
	/* If the reserve ahead cannot be had, the need itself perhaps can. */
	if (!open_up_to((char *)image, want) && !open_up_to((char *)image, need))
		return false;
	__atomic_store_n(&image->opened_bytes, atomic_load_explicit(&opened, memory_order_relaxed),
		__ATOMIC_RELAXED);
	return true;
}

struct chunk_header *image_chunk(uint64_t payload, uint64_t data)
{
	uint64_t size = round_up(data + payload);
	uint64_t at = atomic_load_explicit(&used, memory_order_relaxed), total;

	/* Open first, take then: what is taken always has storage. */
	do {
		total = at + size;
		if (total > atomic_load_explicit(&opened, memory_order_acquire) && !grow(total))
			return NULL;
	} while (!atomic_compare_exchange_weak(&used, &at, total));

	uint64_t seen = __atomic_load_n(&image->used_bytes, __ATOMIC_RELAXED);

	while (seen < total && !__atomic_compare_exchange_n(&image->used_bytes, &seen, total, true,
				       __ATOMIC_RELEASE, __ATOMIC_RELAXED))
		;
	struct chunk_header *chunk = (struct chunk_header *)((char *)image + at);

	chunk->offset = at;
	chunk->size = size;
	chunk->data = data;
	return chunk;
}

void image_publish(struct chunk_header *chunk, enum chunk_type type, uint32_t owner, uint64_t first,
	uint64_t rows)
{
	chunk->type = type;
	chunk->owner = owner;
	chunk->first = first;
	chunk->rows = rows;
	__atomic_store_n(&chunk->magic, CHUNK_MAGIC ^ chunk->offset, __ATOMIC_RELEASE);
}

void image_count_lost(enum image_lost what, uint64_t how_many)
{
	if (image)
		__atomic_fetch_add(&image->lost[what], how_many, __ATOMIC_RELAXED);
}

/* Opens the image's file again if its name still leads to it. */
static int reopen(void)
{
	struct stat st;
	long fd;

	if (!path[0])
		return -1;
	fd = sys_open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC, 0);
	if (sys_failed(fd))
		return -1;
	if (!sys_failed(sys_fstat((int)fd, &st)) && st.st_dev == file_device &&
		st.st_ino == file_inode)
		return (int)fd;
	sys_close((int)fd);
	return -1;
}

static void write_out(void)
{
	int fd = output_create(path, false);
	uint64_t at = 0, end = atomic_load(&used);

	if (fd < 0)
		return;
	while (at < end) {
		long n = sys_write(fd, (char *)image + at, end - at);

		if (n == -EINTR)
			continue;
		if (n <= 0) {
			sys_unlink(path);
			path[0] = '\0';
			break;
		}
		at += (uint64_t)n;
	}
	sys_close(fd);
}

void image_finish(enum image_state state, int exit_status, bool trim)
{
	image->exit_status = exit_status;
	image->end_monotonic_ns = clock_monotonic_ns();
	__atomic_store_n(&image->state, state, __ATOMIC_RELEASE);
	if (!trim)
		return;
	if (image->backing == IMAGE_BACKING_ANONYMOUS) {
		/* Only where a write cannot end in SIGXFSZ. */
		if (sys_limit(RLIMIT_FSIZE) >= atomic_load(&used))
			write_out();
		return;
	}
	int fd = reopen();

	if (fd < 0)
		return;
	/* Nothing beyond `opened` is mapped accessible, so nobody can fault on the lost tail. */
	sys_ftruncate(fd, atomic_load(&opened));
	sys_close(fd);
}

void image_revive(void)
{
	int fd = reopen();

	__atomic_store_n(&image->state, IMAGE_RUNNING, __ATOMIC_RELEASE);
	if (fd < 0)
		return;
	sys_ftruncate(fd, limit_bytes);
	sys_close(fd);
}

void image_forget(void)
{
	image = NULL;
	path[0] = '\0';
	atomic_store(&used, 0);
	atomic_store(&opened, 0);
}

void *rowstore_make(struct rowstore *store, uint64_t i)
{
	uint64_t n = i / store->rows_per_chunk;
	struct chunk_header *chunk, *none = NULL;

	if (n >= store->max_chunks)
		return NULL;
	if (!atomic_load_explicit(&store->chunks[n], memory_order_acquire)) {
		chunk = image_chunk(
			(uint64_t)store->rows_per_chunk * store->row_size, sizeof(*chunk));
		if (!chunk)
			return NULL;
		uint32_t touched = atomic_load(&store->touched);

		while (touched <= n &&
			!atomic_compare_exchange_weak(&store->touched, &touched, (uint32_t)n + 1))
			;
		if (atomic_compare_exchange_strong(&store->chunks[n], &none, chunk))
			image_publish(chunk, store->type, 0, n * store->rows_per_chunk,
				store->rows_per_chunk);
		else
			image_publish(chunk, 0, 0, 0, 0); /* another thread was first: unused */
	}
	return rowstore_get(store, i);
}

void rowstore_forget(struct rowstore *store)
{
	uint32_t touched = atomic_exchange(&store->touched, 0);

	/* The rest was never written, and reading it would cost a page fault a page. */
	for (uint32_t i = 0; i < touched; i++)
		atomic_store_explicit(&store->chunks[i], NULL, memory_order_relaxed);
}
