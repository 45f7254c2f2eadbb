/*
 * The image's storage: creation, growth, the end.
 *
 * A sparse file of the greatest length that the image may have lies behind it, but only what is
 * opened is mapped, so that a limit on address space, or mlockall, sees little. The mapping grows
 * in place (mremap, which needs no descriptor) into addresses that nobody else is given. What is
 * opened is backed by storage before it is used. Chunks are handed out by one atomic addition and
 * never return.
 *
 * A child must never write into its parent's image: the mapping is not inherited (MADV_DONTFORK).
 */
#include <errno.h>

#include "preload/image.h"
#include "preload/clock.h"
#include "preload/options.h"
#include "preload/output.h"
#include "preload/patience.h"
#include "preload/process.h"
#include "preload/sys.h"
#include "preload/text.h"

#define LIMIT_WANTED (64ull << 30)
#define LIMIT_LEAST (1ull << 20)
#define OPEN_FIRST (64u << 10) /* also the least step: a short process touches little */
#define OPEN_STEP_MAX (1ull << 20)

struct image_header *image;

static char path[OUTPUT_PATH_MAX];
static uint64_t limit_bytes;
static uint64_t file_bytes; /* the file's length: the limit's, until it was cut; grower's */
static dev_t file_device;
static ino_t file_inode; /* 0: anonymous */
static uint8_t boot_id[16];
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

/* Places with room to grow: in the middle of the address space, far from the program, its heap and
 * its libraries, and another one for each process, as far as AT_RANDOM and the pid say. */
#define PLACES 0x2000u
#define PLACE_SHIFT 32
#define PLACES_TRIED 64

static long map_in_some_place(uint64_t size, int flags, int fd)
{
	uint64_t place = process.random + (uint64_t)sys_getpid() * 40503;
	long at = -ENOMEM;

	for (unsigned i = 0; i < PLACES_TRIED && sys_failed(at); i++) {
		uintptr_t want = 0x200000000000 + ((place + i) % PLACES << PLACE_SHIFT);

		at = sys_mmap((void *)want, size, PROT_READ | PROT_WRITE,
			flags | MAP_NORESERVE | MAP_FIXED_NOREPLACE, fd, 0);
		if (at != -EEXIST && sys_failed(at))
			break;
	}
	return at;
}

/* Bytes from the image's start that nobody else can be given, because we hold them: where there is
 * no free place (a sanitizer's address space), room is reserved among the others. */
static uint64_t held_bytes;

#define HELD_MAX (256ull << 20)

static long map_in_held_room(uint64_t size, int flags, int fd)
{
	uint64_t room = limit_bytes < HELD_MAX ? limit_bytes : HELD_MAX;
	long at =
		sys_mmap(NULL, room, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (sys_failed(at))
		return at;
	held_bytes = room;
	return sys_mmap(
		(void *)at, size, PROT_READ | PROT_WRITE, flags | MAP_NORESERVE | MAP_FIXED, fd, 0);
}

static bool back(void *at, uint64_t size)
{
	long ret = sys_madvise(at, size, MADV_POPULATE_WRITE);

	/* Kernels before 5.14 cannot promise storage: then only memory that needs none will do. */
	return !sys_failed(ret) || (ret == -EINVAL && !file_inode);
}

/* Maps the first OPEN_FIRST bytes of the file, or as much anonymous memory. */
static void *map_first(int fd)
{
	int flags = fd >= 0 ? MAP_SHARED : MAP_PRIVATE | MAP_ANONYMOUS;
	long at = map_in_some_place(OPEN_FIRST, flags, fd);

	held_bytes = 0;
	if (sys_failed(at))
		at = map_in_held_room(OPEN_FIRST, flags, fd);

	if (sys_failed(at))
		return NULL;
	sys_madvise((void *)at, OPEN_FIRST, MADV_DONTFORK);
	/* Or the kernel reads ahead in the hole that the file is: megabytes of zeros for a process
	 * that may need a few pages. */
	sys_madvise((void *)at, OPEN_FIRST, MADV_RANDOM);
	if (!back((void *)at, OPEN_FIRST)) {
		sys_munmap((void *)at, OPEN_FIRST);
		return NULL;
	}
	atomic_store(&opened, OPEN_FIRST);
	return (void *)at;
}

static void *map_file(int fd)
{
	struct stat st;
	uint64_t size;

	if (sys_failed(sys_fstat(fd, &st)))
		return NULL;
	file_device = st.st_dev;
	file_inode = st.st_ino;
	for (size = limit_wanted(true); size >= LIMIT_LEAST; size = round_down(size / 2)) {
		if (sys_failed(sys_ftruncate(fd, size)))
			continue; /* longer than this file system's files may be */
		limit_bytes = file_bytes = size;
		return map_first(fd);
	}
	return NULL;
}

static void *map_anonymous(void)
{
	file_inode = 0;
	limit_bytes = limit_wanted(false);
	return limit_bytes >= LIMIT_LEAST ? map_first(-1) : NULL;
}

/* May a sentence about the output appear on stderr? Where the user asked for something that cannot
 * be had, or watches a terminal. */
static bool may_complain(bool forked)
{
	if (forked)
		return false;
	return options.output_given || options.summary || sys_stderr_is_terminal();
}

static void read_boot_id(uint8_t ret[16])
{
	char hex[37];
	long fd = sys_open("/proc/sys/kernel/random/boot_id", O_RDONLY, 0);
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
	static char stat[1024]; /* a thread may have little stack left */
	long fd = sys_open("/proc/self/stat", O_RDONLY, 0);
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
	if (!forked)
		read_boot_id(boot_id);
	__builtin_memcpy(h->boot_id, boot_id, sizeof(h->boot_id));
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

/* Who grows the image or cuts its file now, by control block; or NOBODY. */
static _Atomic uintptr_t grower;

#define NOBODY 0u

/* A holder that one has waited for in vain: nobody does so again until another has it. */
static _Atomic uintptr_t given_up;

/* Growing is one thread's work at a time; others that need it meanwhile wait. False for a signal
 * handler that interrupted it. */
static bool take_growing(void)
{
	uintptr_t self = arch_thread_pointer(), holder = NOBODY;

	for (unsigned n = 0; !atomic_compare_exchange_strong(&grower, &holder, self); n++) {
		if (holder == self || holder == atomic_load(&given_up))
			return false;
		if (!patience(n)) {
			atomic_store(&given_up, holder);
			return false;
		}
		holder = NOBODY;
	}
	atomic_store(&given_up, NOBODY);
	return true;
}

/* Opens the image's file again if its name still leads to it; -1 when not. */
static int reopen(void)
{
	struct stat st;
	long fd;

	if (!path[0])
		return -1;
	fd = sys_open(path, O_RDWR | O_NOFOLLOW, 0);
	if (sys_failed(fd))
		return -1;
	if (!sys_failed(sys_fstat((int)fd, &st)) && st.st_dev == file_device &&
		st.st_ino == file_inode)
		return (int)fd;
	sys_close((int)fd);
	return -1;
}

/* Maps [from, want) where growing in place is refused (in held room, or under valgrind). */
static bool map_more(uint64_t from, uint64_t want)
{
	int where = want <= held_bytes ? MAP_FIXED : MAP_FIXED_NOREPLACE;
	int flags = file_inode ? MAP_SHARED : MAP_PRIVATE | MAP_ANONYMOUS, fd = -1;
	long at;

	if (file_inode && (fd = reopen()) < 0)
		return false;
	at = sys_mmap((char *)image + from, want - from, PROT_READ | PROT_WRITE,
		flags | MAP_NORESERVE | where, fd, file_inode ? (off_t)from : 0);
	if (fd >= 0)
		sys_close(fd);
	if (sys_failed(at))
		return false;
	if (at !=
		(long)((uintptr_t)image + from)) { /* a kernel that takes the address for a hint */
		sys_munmap((void *)at, want - from);
		return false;
	}
	sys_madvise((void *)at, want - from, MADV_DONTFORK);
	return true;
}

/* Gives the file another length. */
static bool set_length(uint64_t bytes)
{
	/* The program may have lowered its limit since, and would get a signal. */
	int fd = bytes <= file_bytes || bytes <= sys_limit(RLIMIT_FSIZE) ? reopen() : -1;
	bool done;

	if (fd < 0)
		return false;
	done = !sys_failed(sys_ftruncate(fd, bytes));
	if (done)
		file_bytes = bytes;
	sys_close(fd);
	return done;
}

/* Makes [0, want) mapped and backed. False when there is no storage or no room. */
static bool open_up_to(uint64_t want)
{
	uint64_t from = atomic_load_explicit(&opened, memory_order_acquire);
	char *base = (char *)image;

	if (want <= from)
		return true;
	if (file_inode && want > file_bytes && !set_length(want))
		return false;
	if (sys_failed(sys_call4(SYS_mremap, base, from, want, 0)) && !map_more(from, want))
		return false;
	if (!back(base + from, want - from)) {
		sys_munmap(base + from, want - from);
		return false;
	}
	atomic_store_explicit(&opened, want, memory_order_release);
	__atomic_store_n(&image->opened_bytes, want, __ATOMIC_RELAXED);
	return true;
}

/* A full disk is asked again only every so many times: each question is a system call or two, and
 * every event would put it. */
#define REFUSALS_PER_TRY 4096

static _Atomic uint32_t refusals;

/* Opens more ahead of need: an eighth of what is used, so that a large image grows rarely. */
static SLOW bool grow(uint64_t need)
{
	uint64_t step = round_up(need / 8), want;
	uint32_t refused = atomic_load_explicit(&refusals, memory_order_relaxed);
	bool ok;

	if (refused && atomic_fetch_add(&refusals, 1) % REFUSALS_PER_TRY != 0)
		return false;
	if (step < OPEN_FIRST)
		step = OPEN_FIRST;
	if (step > OPEN_STEP_MAX)
		step = OPEN_STEP_MAX;
	want = need + step > limit_bytes ? limit_bytes : need + step;
	if (need > want)
		return false;
	if (!take_growing())
		return need <= atomic_load(&opened);
	/* If the reserve ahead cannot be had, the need itself perhaps can. */
	ok = open_up_to(want) || open_up_to(need);
	atomic_store(&grower, NOBODY);
	if (ok)
		atomic_store(&refusals, 0);
	else
		atomic_fetch_add(&refusals, 1);
	return ok;
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
	/* Other threads may go on until the kernel ends them. What they need beyond makes the file
	 * longer again. */
	if (!take_growing())
		return;
	set_length(atomic_load(&opened));
	atomic_store(&grower, NOBODY);
}

void image_revive(void)
{
	__atomic_store_n(&image->state, IMAGE_RUNNING, __ATOMIC_RELEASE);
	/* While it can still be had: the program may lose its way to the file. */
	if (!file_inode || !take_growing())
		return;
	if (file_bytes < limit_bytes)
		set_length(limit_bytes);
	atomic_store(&grower, NOBODY);
}

void image_disown(void)
{
	if (image)
		sys_mmap(image, atomic_load(&opened), PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
}

void image_forget(void)
{
	image = NULL;
	path[0] = '\0';
	atomic_store(&grower, NOBODY);
	atomic_store(&given_up, NOBODY);
	atomic_store(&refusals, 0);
	atomic_store(&used, 0);
	atomic_store(&opened, 0);
}

void *rowstore_make(struct rowstore *store, uint64_t i)
{
	uint64_t n = i / store->rows_per_chunk;
	struct chunk_header *_Atomic *entry;
	struct chunk_header *chunk, *none = NULL;

	if (n >= store->max_chunks)
		return NULL;
	entry = rowstore_entry(store, n);
	if (!atomic_load_explicit(entry, memory_order_acquire)) {
		chunk = image_chunk(
			(uint64_t)store->rows_per_chunk * store->row_size, sizeof(*chunk));
		if (!chunk)
			return NULL;
		uint32_t touched = atomic_load(&store->touched);

		while (touched <= n &&
			!atomic_compare_exchange_weak(&store->touched, &touched, (uint32_t)n + 1))
			;
		/* Before others can have it: what they put there is read at once. */
		image_publish(
			chunk, store->type, 0, n * store->rows_per_chunk, store->rows_per_chunk);
		if (!atomic_compare_exchange_strong(entry, &none, chunk))
			image_publish(chunk, 0, 0, 0, 0); /* another thread was first: unused */
	}
	return rowstore_get(store, i);
}

void rowstore_forget(struct rowstore *store)
{
	uint32_t touched = atomic_exchange(&store->touched, 0);

	/* The rest was never written, and reading it would cost a page fault a page. */
	for (uint32_t i = 0; i < touched; i++)
		atomic_store_explicit(rowstore_entry(store, i), NULL, memory_order_relaxed);
}
