/*
 * The image's storage while it grows, see storage.h. Called by image.c on any thread.
 *
 * A sparse file of the greatest length that the image may have lies behind it, but only what is
 * opened is mapped, so that a limit on address space, or mlockall, sees little. The mapping grows
 * in place (mremap, which needs no descriptor) into addresses that nobody else is given. What is
 * opened is backed by storage before it is used.
 *
 * When the file cannot grow (the disk or a quota is full, the file may not be longer), the image
 * goes on in anonymous memory right behind it. It does not return to the file before the end:
 * others write to it all the time, and a copy would miss what they write.
 *
 * A child must never write into its parent's image: the mapping is not inherited (MADV_DONTFORK).
 */
#include <errno.h>

#include "preload/storage.h"
#include "preload/faults.h"
#include "preload/file_system.h"
#include "preload/options.h"
#include "preload/output.h"
#include "preload/patience.h"
#include "preload/process.h"
#include "preload/sandbox.h"
#include "preload/sys.h"

#define LIMIT_WANTED (64ull << 30)
#define LIMIT_LEAST (1ull << 20)
/* Also the least step: a short process touches little. */
#define OPEN_FIRST FIRST_SIZE(64u << 10, IMAGE_PAGE)
#define OPEN_STEP_MAX (1ull << 20)
_Static_assert(OPEN_FIRST % ARCH_PAGE_MAX == 0, "whole pages");

struct storage storage;

static char path[OUTPUT_PATH_MAX];
static dev_t file_device;
static ino_t file_inode;

static struct image_header *header(void)
{
	return (struct image_header *)storage.base;
}

/* To pages of the machine, in which memory is mapped. */
static uint64_t round_down(uint64_t n)
{
	return n & ~(uint64_t)(process_page() - 1);
}

static uint64_t round_up(uint64_t n)
{
	return round_down(n + process_page() - 1);
}

/* How large the image may become under the process's present limit of address space. */
static uint64_t limit_wanted(void)
{
	uint64_t space = sandbox_address_space();

	return round_down(space / 8 < LIMIT_WANTED ? space / 8 : LIMIT_WANTED);
}

/* ---- the file ---- */

const char *storage_path(void)
{
	return path;
}

void storage_remember(int fd)
{
	struct stat st = {.st_ino = 0};

	sys_fstat(fd, &st);
	file_device = st.st_dev;
	file_inode = st.st_ino;
}

int storage_reopen(uint64_t *ret_length)
{
	struct stat st;
	long fd;

	if (!path[0] || sandbox_may_kill())
		return -1;
	fd = sys_open(path, O_RDWR | O_NOFOLLOW, 0);
	if (sys_failed(fd))
		return -1;
	if (!sys_failed(sys_fstat((int)fd, &st)) && st.st_dev == file_device &&
		st.st_ino == file_inode) {
		*ret_length = (uint64_t)st.st_size;
		return (int)fd;
	}
	sys_close((int)fd);
	return -1;
}

bool storage_remove(void)
{
	uint64_t length;
	int fd = storage_reopen(&length);

	if (fd < 0)
		return false;
	sys_close(fd);
	if (sys_failed(sys_unlink(path)))
		return false;
	path[0] = '\0';
	return true;
}

bool storage_create_file(bool complain, long (*use)(int fd))
{
	return output_create(path, complain, use);
}

/* ---- mapping ---- */

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
		/* One that takes the address for a hint: before 4.17, or an emulator. */
		if (!sys_failed(at) && (uintptr_t)at != want) {
			sys_munmap((void *)at, size);
			at = -EEXIST;
		}
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
	uint64_t room = storage.limit_bytes < HELD_MAX ? storage.limit_bytes : HELD_MAX;
	long at =
		sys_mmap(NULL, room, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	long ret;

	if (sys_failed(at))
		return at;
	ret = sys_mmap(
		(void *)at, size, PROT_READ | PROT_WRITE, flags | MAP_NORESERVE | MAP_FIXED, fd, 0);
	if (sys_failed(ret))
		sys_munmap((void *)at, room);
	else
		held_bytes = room;
	return ret;
}

/* Has the file system set storage aside for [from, from + size) of the file. `fd` is -1 where it is
 * to be opened again. 0, or -errno. */
static SLOW long set_aside(uint64_t from, uint64_t size, int fd)
{
	uint64_t length;
	int opened = fd < 0 ? storage_reopen(&length) : -1;
	long ret = -EBADF;

	if (fd >= 0 || opened >= 0)
		do
			ret = sys_call4(SYS_fallocate, fd >= 0 ? fd : opened, 0, from, size);
		while (ret == -EINTR);
	if (opened >= 0)
		sys_close(opened);
	return ret;
}

/* Gives the freshly mapped [from, from + size) its storage, in the file (`fd`, see set_aside) or in
 * memory; 0, or -errno when there is none. */
static long back(char *base, uint64_t from, uint64_t size, bool file, int fd)
{
	char *at = base + from;
	long ret;

	if (fault_here())
		return -ENOSPC;
	/* A signal may come in between. What is there already is not made again. */
	do
		ret = sys_madvise(at, size, MADV_POPULATE_WRITE);
	while (ret == -EINTR);
	sandbox_heard(ret);
	/* The kernel does not know how (before 5.14). */
	if (file && ret == -EINVAL)
		ret = set_aside(from, size, fd);
	/* Memory gets its pages also without, as far as there are any, where the kernel does not
	 * know how, or a sandbox forbids to ask. A file may not: that would be a
	 * SIGBUS. */
	if (!file && sys_failed(ret) && ret != -ENOMEM && ret != -EFAULT)
		return 0;
	/* What part of it there was goes back to the disk: others may need it. */
	if (sys_failed(ret) && file)
		sys_madvise(at, size, MADV_REMOVE);
	/* A fault that found no storage. */
	return ret == -EFAULT ? -ENOSPC : sys_failed(ret) ? ret : 0;
}

/* Maps the first OPEN_FIRST bytes of the file, or as much anonymous memory; 0, or -errno. */
static long map_first(int fd)
{
	int flags = fd >= 0 ? MAP_SHARED : MAP_PRIVATE | MAP_ANONYMOUS;
	long at = map_in_some_place(OPEN_FIRST, flags, fd), error;

	held_bytes = 0;
	if (sys_failed(at))
		at = map_in_held_room(OPEN_FIRST, flags, fd);
	if (!sys_failed(at) && fault_here()) {
		sys_munmap((void *)at, held_bytes ? held_bytes : OPEN_FIRST);
		at = -ENOMEM;
	}
	if (sys_failed(at))
		return at;
	sys_madvise((void *)at, OPEN_FIRST, MADV_DONTFORK);
	/* Or the kernel reads ahead in the hole that the file is: megabytes of zeros for a process
	 * that may need a few pages. */
	sys_madvise((void *)at, OPEN_FIRST, MADV_RANDOM);
	error = back((char *)at, 0, OPEN_FIRST, fd >= 0, fd);
	if (error) {
		sys_munmap((void *)at, held_bytes ? held_bytes : OPEN_FIRST);
		return error;
	}
	storage.base = (char *)at;
	storage.in_file = fd >= 0;
	atomic_store(&storage.opened, OPEN_FIRST);
	return 0;
}

/* Has the file system make the first pages together. One by one, as a mapping that is stored into
 * asks for them, ext4 takes 135 us to make and map the file, and 98 so (Linux 6.18). Later ones are
 * not made so, though they would gain more, 1.2 us a page for 4.3: the file would have to be opened
 * while the program runs, which it may notice (inotify), forbid (a sandbox), or wait for (its own
 * file system). What is not made here, is made when it is mapped. */
static void make_first_pages(int fd)
{
	static const char zeros[OPEN_FIRST] SPARSE;

	sys_call4(SYS_pwrite64, fd, zeros, sizeof(zeros), 0);
}

/* Maps a new file, which output_create made. */
static long map_file(int fd)
{
	uint64_t size = sys_limit(RLIMIT_FSIZE);
	long error = -EFBIG;

	storage_remember(fd);
	if (!file_system_keeps_storage(fd))
		return -EOPNOTSUPP;
	/* Longer than the limit is SIGXFSZ. */
	size = round_down(size < storage.limit_bytes ? size : storage.limit_bytes);
	for (; size >= LIMIT_LEAST; size = round_down(size / 2)) {
		error = sys_ftruncate(fd, size);
		if (sys_failed(error))
			continue; /* longer than this file system's files may be */
		storage.file_bytes = size;
		make_first_pages(fd);
		return map_first(fd);
	}
	return error;
}

struct image_header *storage_create(bool complain)
{
	storage.limit_bytes = limit_wanted();
	if (storage.limit_bytes < LIMIT_LEAST)
		return NULL;
	if (!(options.file && storage_create_file(complain, map_file)) && map_first(-1))
		return NULL;
	header()->backing = storage.in_file ? IMAGE_BACKING_FILE : IMAGE_BACKING_ANONYMOUS;
	header()->opened_bytes = OPEN_FIRST;
	header()->limit_bytes = storage.limit_bytes;
	return header();
}

/* ---- growing ---- */

/* Who grows the image or cuts its file now, by control block; or NOBODY. */
static _Atomic uintptr_t grower;

#define NOBODY 0u

/* A holder that one has waited for in vain: nobody does so again until another has it. */
static _Atomic uintptr_t given_up;

static uint64_t signals_before; /* the grower's mask; it has its signals wait */

/* Returns who has it: 0 when it is ours now. */
static uintptr_t try_take(void)
{
	uint64_t before = sys_hold_signals();
	uintptr_t holder = NOBODY;

	if (atomic_compare_exchange_strong(&grower, &holder, arch_thread_pointer()))
		signals_before = before;
	else
		sys_release_signals(before);
	return holder;
}

/* As storage_take; false also when, meanwhile, [0, need) has been opened by others. */
static bool take_unless_opened(uint64_t need)
{
	uintptr_t holder;

	for (unsigned n = 0; (holder = try_take()) != NOBODY; n++) {
		/* Itself: it crashed there. */
		if (holder == arch_thread_pointer() || holder == atomic_load(&given_up) ||
			need <= atomic_load_explicit(&storage.opened, memory_order_acquire))
			return false;
		if (!patience_long(n)) {
			atomic_store(&given_up, holder);
			return false;
		}
	}
	atomic_store(&given_up, NOBODY);
	return true;
}

bool storage_take(void)
{
	return take_unless_opened(UINT64_MAX);
}

void storage_give_back(void)
{
	uint64_t before = signals_before;

	atomic_store(&grower, NOBODY);
	sys_release_signals(before);
}

bool storage_set_length(uint64_t bytes)
{
	uint64_t length;
	/* Longer than the limit, which the program may have lowered since, is SIGXFSZ. */
	int fd = bytes <= storage.file_bytes || bytes <= sys_limit(RLIMIT_FSIZE)
			 ? storage_reopen(&length)
			 : -1;
	bool done;

	if (fd < 0)
		return false;
	done = !sys_failed(sys_ftruncate(fd, bytes));
	if (done)
		storage.file_bytes = bytes;
	sys_close(fd);
	return done;
}

/* Is what comes next, behind what is opened, in the file? */
static bool next_in_file(void)
{
	return storage.in_file && !storage.memory_from;
}

/* Maps [from, want) where there is nothing to grow (the tail's beginning), or growing in place is
 * refused (in held room, or under valgrind). 0, or -errno. */
static long map_more(uint64_t from, uint64_t want)
{
	int where = want <= held_bytes ? MAP_FIXED : MAP_FIXED_NOREPLACE;
	int flags = next_in_file() ? MAP_SHARED : MAP_PRIVATE | MAP_ANONYMOUS, fd = -1;
	uint64_t length;
	long at;

	if (next_in_file() && (fd = storage_reopen(&length)) < 0)
		return -EBADF;
	at = sys_mmap(storage.base + from, want - from, PROT_READ | PROT_WRITE,
		flags | MAP_NORESERVE | where, fd, fd >= 0 ? (off_t)from : 0);
	if (fd >= 0)
		sys_close(fd);
	if (sys_failed(at))
		return at;
	if ((char *)at != storage.base + from) { /* a kernel that takes the address for a hint */
		sys_munmap((void *)at, want - from);
		return -EEXIST;
	}
	sys_madvise((void *)at, want - from, MADV_DONTFORK);
	return 0;
}

/* Maps [from, want), by growing the mapping that ends at `from` if there is one. 0, or -errno. */
static long extend(uint64_t from, uint64_t want)
{
	uint64_t start = storage.memory_from;

	if (fault_here())
		return -ENOMEM;
	if (from > start) {
		long at =
			sys_call4(SYS_mremap, storage.base + start, from - start, want - start, 0);

		if (!sys_failed(at))
			return 0;
		sandbox_heard(at);
	}
	return map_more(from, want);
}

/* Makes [0, want) mapped and backed. False when there is no storage or no room; *ret_no_addresses
 * is set when that is because the process may map no more. */
static bool open_up_to(uint64_t want, bool *ret_no_addresses)
{
	uint64_t from = atomic_load_explicit(&storage.opened, memory_order_acquire);
	long failed;

	if (want <= from)
		return true;
	/* It was cut when the process seemed to end, and goes on. */
	if (next_in_file() && want > storage.file_bytes && !storage_set_length(want))
		return false;
	failed = extend(from, want);
	if (failed) {
		*ret_no_addresses |= failed == -ENOMEM;
		return false;
	}
	if (back(storage.base, from, want - from, next_in_file(), -1)) {
		sys_munmap(storage.base + from, want - from);
		return false;
	}
	atomic_store_explicit(&storage.opened, want, memory_order_release);
	__atomic_store_n(&header()->opened_bytes, want, __ATOMIC_RELAXED);
	return true;
}

/* Begins the tail, which is to have at least `need` and if possible `want`. */
static bool go_on_in_memory(uint64_t need, uint64_t want)
{
	uint64_t from = atomic_load(&storage.opened);
	bool no_addresses = false;

	/* The header says so before there is anything there. */
	storage.memory_from = from;
	__atomic_store_n(&header()->memory_from, from, __ATOMIC_RELEASE);
	if (open_up_to(want, &no_addresses) || open_up_to(need, &no_addresses))
		return true;
	storage.memory_from = 0;
	__atomic_store_n(&header()->memory_from, 0, __ATOMIC_RELEASE);
	return false;
}

/* When there is no storage it is asked for again only every so many times: each question is a
 * system call or more, and every event would put it. */
#define REFUSALS_PER_TRY 4096

static _Atomic uint32_t refusals;

/* Opens more ahead of need: an eighth of what is used, so that a large image grows rarely. */
SLOW bool storage_reach(uint64_t need)
{
	uint64_t step = need / 8, want, limit;
	uint32_t refused = atomic_load_explicit(&refusals, memory_order_relaxed);
	bool ok, no_addresses = false;

	if (refused && atomic_fetch_add(&refusals, 1) % REFUSALS_PER_TRY != 0)
		return false;
	if (step < OPEN_FIRST)
		step = OPEN_FIRST;
	if (step > OPEN_STEP_MAX)
		step = OPEN_STEP_MAX;
	/* The program may have lowered its limit since. */
	limit = limit_wanted();
	if (limit > storage.limit_bytes)
		limit = storage.limit_bytes;
	need = round_up(need);
	want = round_up(need + step) > limit ? limit : round_up(need + step);
	if (need <= want) {
		if (!take_unless_opened(need))
			return need <= atomic_load(&storage.opened);
		/* Those that have waited need no reserve each. If the reserve ahead cannot be had,
		 * the need itself perhaps can. Where the process may map no more, a tail would be
		 * no better off, and could be lost. */
		ok = need <= atomic_load(&storage.opened) || open_up_to(want, &no_addresses) ||
		     open_up_to(need, &no_addresses) ||
		     (next_in_file() && !no_addresses && go_on_in_memory(need, want));
		storage_give_back();
	} else {
		ok = false;
	}
	if (ok)
		atomic_store(&refusals, 0);
	else
		atomic_fetch_add(&refusals, 1);
	return ok;
}

/* ---- forked children ---- */

void storage_stand_in(char *base, uint64_t bytes, bool begun)
{
	int where = begun ? MAP_FIXED_NOREPLACE : MAP_FIXED;
	long at;

	if (!base)
		return;
	/* The event that was interrupted may grow what it takes for its image: never in the
	 * parent's file. */
	if (!begun) {
		storage.in_file = false;
		path[0] = '\0';
	}
	at = sys_mmap(base, bytes, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | where, -1, 0);
	if (!sys_failed(at) && (char *)at != base) /* a kernel that takes the address for a hint */
		sys_munmap((void *)at, bytes);
}

void storage_forget(void)
{
	storage = (struct storage){.base = NULL};
	path[0] = '\0';
	atomic_store(&grower, NOBODY);
	atomic_store(&given_up, NOBODY);
	atomic_store(&refusals, 0);
}
