/*
 * The hooks: what the program calls instead of libc's and the C++ library's functions. Each calls
 * the real function (real.h) and tells track.h; what they return, and errno, is the real
 * function's.
 *
 * The hooks lie in a section of their own, so that the unwinder knows a frame of theirs, and they
 * keep frame pointers, so that the caller's registers are found at a fixed place (see the
 * Makefile). No state of ours is held while a real function runs: it may throw, jump, fork, or
 * never return.
 */
#include <errno.h>
#include <stdarg.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <unistd.h>

#include "preload/early.h"
#include "preload/hook_table.h"
#include "preload/hot.h"
#include "preload/image.h"
#include "preload/init.h"
#define LEAK_API
#include "preload/leak.h"
#include "preload/modules.h"
#include "preload/real.h"
#include "preload/epochs.h"
#include "preload/regions.h"
#include "preload/stacks.h"
#include "preload/sys.h"
#include "preload/threads.h"
#include "preload/track.h"

#define EXPORT __attribute__((visibility("default"), section("leak_hooks"), noinline))
#define FRAME __builtin_frame_address(0)

/* What a hook may do now. */
enum way {
	RECORD,
	PASS,  /* call the real function and leave it at that */
	EARLY, /* there is no real function yet */
};

static SLOW enum way wake(void)
{
	if (!init_relocated())
		return EARLY;
	init_start();
	if (hot.state == HOT_READY)
		return RECORD;
	return real.malloc ? PASS : EARLY;
}

static inline enum way enter(void)
{
	return likely(hot.state == HOT_READY) ? RECORD : wake();
}

/* ---- malloc and kin ---- */

EXPORT void *malloc(size_t size)
{
	enum way way = enter();
	void *block;

	if (unlikely(way == EARLY))
		return early_alloc(size, 16);
	block = real.malloc(size);
	if (likely(block && way == RECORD))
		track_alloc(block, size, FAMILY_MALLOC, FRAME);
	return block;
}

EXPORT void free(void *block)
{
	enum way way = enter();

	if (!block)
		return;
	if (unlikely(way != RECORD)) {
		if (way == PASS && !early_owns(block))
			real.free(block);
		return;
	}
	if (likely(track_free(block)))
		real.free(block);
}

EXPORT void *calloc(size_t count, size_t size)
{
	enum way way = enter();
	size_t total;
	void *block;

	if (unlikely(way == EARLY))
		return __builtin_mul_overflow(count, size, &total) ? NULL : early_alloc(total, 16);
	block = real.calloc(count, size);
	if (likely(block && way == RECORD))
		track_alloc(block, count * size, FAMILY_CALLOC, FRAME);
	return block;
}

/* A block of the early arena cannot be resized by anybody: move it. */
static SLOW void *move_early(void *block, size_t size)
{
	size_t old = early_size(block);
	char *moved = malloc(size);

	for (size_t i = 0; moved && i < old && i < size; i++)
		moved[i] = ((char *)block)[i];
	return moved;
}

static inline void *resize(void *block, size_t size, unsigned family, const void *frame)
{
	enum way way = enter();
	struct live_block old;
	void *moved;

	if (unlikely(way == EARLY || (block && early_owns(block))))
		return block ? move_early(block, size) : early_alloc(size, 16);
	if (unlikely(way == PASS))
		return real.realloc(block, size);
	if (block)
		track_realloc_begin(block, &old);
	moved = real.realloc(block, size);
	if (likely(moved != NULL))
		track_realloc_end(block, &old, moved, size, family, frame);
	else if (block && size == 0)
		track_realloc_freed(block, &old); /* glibc: realloc(p, 0) is free(p) */
	else if (block)
		track_realloc_failed(block, &old);
	return moved;
}

EXPORT void *realloc(void *block, size_t size)
{
	return resize(block, size, FAMILY_REALLOC, FRAME);
}

/* By our own hands: libc's calls realloc, others' do not. */
EXPORT void *reallocarray(void *block, size_t count, size_t size)
{
	size_t total;

	if (unlikely(__builtin_mul_overflow(count, size, &total))) {
		errno = ENOMEM;
		return NULL;
	}
	return resize(block, total, FAMILY_REALLOCARRAY, FRAME);
}

EXPORT void *memalign(size_t align, size_t size)
{
	enum way way = enter();
	void *block;

	if (unlikely(way == EARLY))
		return early_alloc(size, align);
	block = real.memalign(align, size);
	if (likely(block && way == RECORD))
		track_alloc(block, size, FAMILY_MEMALIGN, FRAME);
	return block;
}

EXPORT void *aligned_alloc(size_t align, size_t size)
{
	enum way way = enter();
	void *block;

	if (unlikely(way == EARLY))
		return early_alloc(size, align);
	block = real.aligned_alloc(align, size);
	if (likely(block && way == RECORD))
		track_alloc(block, size, FAMILY_ALIGNED_ALLOC, FRAME);
	return block;
}

EXPORT int posix_memalign(void **ret, size_t align, size_t size)
{
	enum way way = enter();
	int error;

	if (unlikely(way == EARLY)) {
		*ret = early_alloc(size, align);
		return *ret ? 0 : ENOMEM;
	}
	error = real.posix_memalign(ret, align, size);
	if (likely(error == 0 && *ret && way == RECORD))
		track_alloc(*ret, size, FAMILY_POSIX_MEMALIGN, FRAME);
	return error;
}

EXPORT void *valloc(size_t size)
{
	enum way way = enter();
	void *block;

	if (unlikely(way == EARLY || !real.valloc))
		return memalign(IMAGE_PAGE, size);
	block = real.valloc(size);
	if (likely(block && way == RECORD))
		track_alloc(block, size, FAMILY_VALLOC, FRAME);
	return block;
}

EXPORT void *pvalloc(size_t size)
{
	enum way way = enter();
	void *block;

	if (unlikely(way == EARLY || !real.pvalloc))
		return memalign(IMAGE_PAGE, (size + IMAGE_PAGE - 1) & ~(size_t)(IMAGE_PAGE - 1));
	block = real.pvalloc(size);
	if (likely(block && way == RECORD))
		track_alloc(block, size, FAMILY_PVALLOC, FRAME);
	return block;
}

EXPORT size_t malloc_usable_size(void *block)
{
	enum way way = enter();

	if (unlikely(!block))
		return 0;
	if (unlikely(early_owns(block)))
		return early_size(block);
	return likely(way != EARLY && real.malloc_usable_size) ? real.malloc_usable_size(block) : 0;
}

EXPORT void cfree(void *block)
{
	free(block);
}

/* C23. Where libc has them they may do more than free; where it has not, they are free. */
EXPORT void free_sized(void *block, size_t size)
{
	if (likely(enter() != RECORD || !real.free_sized || !block))
		free(block);
	else if (track_free(block))
		real.free_sized(block, size);
}

EXPORT void free_aligned_sized(void *block, size_t align, size_t size)
{
	if (likely(enter() != RECORD || !real.free_aligned_sized || !block))
		free(block);
	else if (track_free(block))
		real.free_aligned_sized(block, align, size);
}

/* ---- operator new and delete ---- */

/* The library that provides a C++ function is registered, so that its end is noticed (real_forget).
 */
static SLOW void find_cxx(void *const *place)
{
	struct loaded provider;

	if (!init_relocated())
		return;
	real_resolve_cxx();
	if (*place && hot.state == HOT_READY)
		modules_find((uintptr_t)*place, &provider);
}

/* Was the block that operator new returns just recorded by the malloc that it called? Some put a
 * header of their own before it: then it lies inside. */
static inline bool recorded_within(const void *block)
{
	return (uintptr_t)block - (uintptr_t)tls.last_made <= tls.last_size && tls.last_made;
}

/* The next operator new, recorded once: most of them call malloc, which is ours and has recorded
 * the block as this hook's; some (jemalloc, tcmalloc, mimalloc) do not. It may throw or call the
 * program's new handler, so nothing of ours is held. */
#define NEW(symbol, family, parameters, arguments, align)                                          \
	EXPORT void *symbol parameters                                                             \
	{                                                                                          \
		enum way way = enter();                                                            \
		void *block;                                                                       \
                                                                                                   \
		if (unlikely(!real.symbol))                                                        \
			find_cxx((void *const *)&real.symbol);                                     \
		if (unlikely(way == EARLY || !real.symbol))                                        \
			return align <= 16 ? malloc(size) : memalign(align, size);                 \
		if (unlikely(way == PASS))                                                         \
			return real.symbol arguments;                                              \
		tls.last_made = NULL;                                                              \
		block = real.symbol arguments;                                                     \
		if (unlikely(!block))                                                              \
			return block;                                                              \
		if (unlikely(!recorded_within(block)))                                             \
			track_alloc(block, size, family, FRAME);                                   \
		else if (unlikely(tls.last_size != size && tls.last_made == block))                \
			track_resize_last(size);                                                   \
		return block;                                                                      \
	}

NEW(_Znwm, FAMILY_NEW, (size_t size), (size), 16)
NEW(_Znam, FAMILY_NEW_ARRAY, (size_t size), (size), 16)
NEW(_ZnwmRKSt9nothrow_t, FAMILY_NEW_NOTHROW, (size_t size, const void *tag), (size, tag), 16)
NEW(_ZnamRKSt9nothrow_t, FAMILY_NEW_ARRAY_NOTHROW, (size_t size, const void *tag), (size, tag), 16)
NEW(_ZnwmSt11align_val_t, FAMILY_NEW_ALIGNED, (size_t size, size_t align), (size, align), align)
NEW(_ZnamSt11align_val_t, FAMILY_NEW_ARRAY_ALIGNED, (size_t size, size_t align), (size, align),
	align)
NEW(_ZnwmSt11align_val_tRKSt9nothrow_t, FAMILY_NEW_ALIGNED_NOTHROW,
	(size_t size, size_t align, const void *tag), (size, align, tag), align)
NEW(_ZnamSt11align_val_tRKSt9nothrow_t, FAMILY_NEW_ARRAY_ALIGNED_NOTHROW,
	(size_t size, size_t align, const void *tag), (size, align, tag), align)

/* The next operator delete: the record goes first. Where it calls free, that finds no record, and
 * knows why. */
#define DELETE(symbol, parameters, arguments)                                                      \
	EXPORT void symbol parameters                                                              \
	{                                                                                          \
		enum way way = enter();                                                            \
                                                                                                   \
		if (!block)                                                                        \
			return;                                                                    \
		if (unlikely(!real.symbol))                                                        \
			find_cxx((void *const *)&real.symbol);                                     \
		if (unlikely(way == EARLY || !real.symbol)) {                                      \
			free(block);                                                               \
			return;                                                                    \
		}                                                                                  \
		if (unlikely(way == PASS)) {                                                       \
			if (!early_owns(block))                                                    \
				real.symbol arguments;                                             \
			return;                                                                    \
		}                                                                                  \
		bool outermost = track_delete_begin(block);                                        \
                                                                                                   \
		if (!early_owns(block))                                                            \
			real.symbol arguments;                                                     \
		if (outermost)                                                                     \
			track_delete_end(block);                                                   \
	}

DELETE(_ZdlPv, (void *block), (block))
DELETE(_ZdaPv, (void *block), (block))
DELETE(_ZdlPvm, (void *block, size_t size), (block, size))
DELETE(_ZdaPvm, (void *block, size_t size), (block, size))
DELETE(_ZdlPvRKSt9nothrow_t, (void *block, const void *tag), (block, tag))
DELETE(_ZdaPvRKSt9nothrow_t, (void *block, const void *tag), (block, tag))
DELETE(_ZdlPvSt11align_val_t, (void *block, size_t align), (block, align))
DELETE(_ZdaPvSt11align_val_t, (void *block, size_t align), (block, align))
DELETE(_ZdlPvmSt11align_val_t, (void *block, size_t size, size_t align), (block, size, align))
DELETE(_ZdaPvmSt11align_val_t, (void *block, size_t size, size_t align), (block, size, align))
DELETE(_ZdlPvSt11align_val_tRKSt9nothrow_t, (void *block, size_t align, const void *tag),
	(block, align, tag))
DELETE(_ZdaPvSt11align_val_tRKSt9nothrow_t, (void *block, size_t align, const void *tag),
	(block, align, tag))

/* ---- mapped memory ---- */

/* A raw system call's result as libc's functions give it. */
static void *result_of(long ret)
{
	if (!sys_failed(ret))
		return (void *)ret;
	errno = (int)-ret;
	return MAP_FAILED;
}

EXPORT void *mmap(void *at, size_t size, int prot, int flags, int fd, off_t offset)
{
	enum way way = enter();
	void *start;

	if (unlikely(way == EARLY))
		return result_of(sys_mmap(at, size, prot, flags, fd, offset));
	start = real.mmap(at, size, prot, flags, fd, offset);
	if (start != MAP_FAILED && way == RECORD)
		track_map(REGION_MMAP, start, size, prot, flags, FAMILY_MMAP, FRAME);
	return start;
}

/* off64_t is off_t on 64-bit machines: the same function under its other name. */
EXPORT void *mmap64(void *at, size_t size, int prot, int flags, int fd, off_t offset)
{
	enum way way = enter();
	void *start;

	if (unlikely(way == EARLY))
		return result_of(sys_mmap(at, size, prot, flags, fd, offset));
	start = real.mmap64(at, size, prot, flags, fd, offset);
	if (start != MAP_FAILED && way == RECORD)
		track_map(REGION_MMAP, start, size, prot, flags, FAMILY_MMAP, FRAME);
	return start;
}

EXPORT int munmap(void *start, size_t size)
{
	enum way way = enter();
	uint32_t token;
	int ret;

	if (unlikely(way == EARLY))
		return result_of(sys_munmap(start, size)) == MAP_FAILED ? -1 : 0;
	if (unlikely(way == PASS))
		return real.munmap(start, size);
	token = regions_detach((uintptr_t)start, size);
	ret = real.munmap(start, size);
	if (unlikely(ret))
		regions_restore(token);
	else
		regions_discard(token);
	return ret;
}

#define REMAP_KEEP_OLD 4 /* MREMAP_DONTUNMAP */

EXPORT void *mremap(void *old, size_t old_size, size_t size, int flags, ...)
{
	enum way way = enter();
	va_list rest;
	uint32_t token;
	void *wanted, *start;

	/* The fifth argument may be absent; a register holds something then, which the kernel
	 * ignores. */
	va_start(rest, flags);
	wanted = va_arg(rest, void *);
	va_end(rest);
	if (unlikely(way == EARLY))
		return result_of(arch_syscall6(
			SYS_mremap, (long)old, (long)old_size, (long)size, flags, (long)wanted, 0));
	if (unlikely(way == PASS))
		return real.mremap(old, old_size, size, flags, wanted);
	token = regions_detach((uintptr_t)old, old_size);
	start = real.mremap(old, old_size, size, flags, wanted);
	if (start == MAP_FAILED || flags & REMAP_KEEP_OLD)
		regions_restore(token);
	else
		regions_discard(token);
	if (start != MAP_FAILED)
		track_map(REGION_MMAP, start, size, 0, flags, FAMILY_MREMAP, FRAME);
	return start;
}

static uintptr_t program_break(void)
{
	return (uintptr_t)sys_call1(SYS_brk, 0);
}

EXPORT int brk(void *end)
{
	enum way way = enter();
	uintptr_t before, want = (uintptr_t)end;
	uint32_t token = 0;
	int ret;

	if (unlikely(way == EARLY)) {
		if ((uintptr_t)sys_call1(SYS_brk, end) >= want)
			return 0;
		errno = ENOMEM;
		return -1;
	}
	if (unlikely(way == PASS))
		return real.brk(end);
	before = program_break();
	if (want < before)
		token = regions_detach(want, before - want);
	ret = real.brk(end);
	if (token && ret)
		regions_restore(token);
	else if (token)
		regions_discard(token);
	if (ret == 0 && want > before)
		track_map(REGION_BRK, (void *)before, want - before, 0, 0, FAMILY_BRK, FRAME);
	return ret;
}

EXPORT void *sbrk(intptr_t increment)
{
	enum way way = enter();
	uint32_t token = 0;
	void *old;

	if (unlikely(way == EARLY)) {
		errno = ENOMEM;
		return (void *)-1;
	}
	if (way == RECORD && increment < 0)
		token = regions_detach(program_break() + (uintptr_t)increment, -(size_t)increment);
	old = real.sbrk(increment);
	if (token && old == (void *)-1)
		regions_restore(token);
	else if (token)
		regions_discard(token);
	if (old != (void *)-1 && way == RECORD && increment > 0)
		track_map(REGION_BRK, old, (size_t)increment, 0, 0, FAMILY_SBRK, FRAME);
	return old;
}

EXPORT void *shmat(int id, const void *at, int flags)
{
	enum way way = enter();
	struct shmid_ds segment;
	void *start;

	if (unlikely(way == EARLY))
		return result_of(sys_call3(SYS_shmat, id, at, flags));
	start = real.shmat(id, at, flags);
	if (start == (void *)-1 || way != RECORD)
		return start;
	if (sys_failed(sys_call3(SYS_shmctl, id, IPC_STAT, &segment)))
		image_count_lost(LOST_DROPPED_REGIONS, 1); /* no permission to ask for its size */
	else
		track_map(REGION_SHM, start, segment.shm_segsz, 0, flags, FAMILY_SHMAT, FRAME);
	return start;
}

EXPORT int shmdt(const void *start)
{
	enum way way = enter();
	uint32_t token = 0;
	size_t size;
	int ret;

	if (unlikely(way == EARLY))
		return result_of(sys_call1(SYS_shmdt, start)) == MAP_FAILED ? -1 : 0;
	size = way == RECORD ? regions_size_at((uintptr_t)start) : 0;
	if (size)
		token = regions_detach((uintptr_t)start, size);
	ret = real.shmdt(start);
	if (size && ret)
		regions_restore(token);
	else if (size)
		regions_discard(token);
	return ret;
}

/* ---- the end of the program ---- */

static __attribute__((noreturn)) void leave(void (*how)(int), int status)
{
	if (how)
		how(status);
	for (;;)
		sys_call1(SYS_exit_group, status);
}

EXPORT __attribute__((noreturn)) void _exit(int status)
{
	enum way way = enter();

	if (way == RECORD)
		init_end(IMAGE_CLEAN, status & 0xff);
	leave(way == EARLY ? NULL : real._exit, status);
}

EXPORT __attribute__((noreturn)) void _Exit(int status)
{
	enum way way = enter();

	if (way == RECORD)
		init_end(IMAGE_CLEAN, status & 0xff);
	leave(way == EARLY ? NULL : real._Exit, status);
}

EXPORT __attribute__((noreturn)) void quick_exit(int status)
{
	enum way way = enter();

	/* Its handlers still run: ours is the last of them. */
	init_quick_status(status & 0xff);
	leave(way == EARLY ? NULL : real.quick_exit, status);
}

/* ---- fork ---- */

/* A child starts its own recording at its first event (hot.h). But it may have been forked by a
 * signal handler that interrupted an event of ours, and return into it: there must be memory then,
 * and not the parent's image. */
EXPORT pid_t fork(void)
{
	enum way way = enter();
	pid_t child = way == EARLY ? (pid_t)sys_call0(SYS_fork) : real.fork();

	if (child == 0 && way == RECORD)
		image_disown();
	return child;
}

EXPORT pid_t _Fork(void)
{
	enum way way = enter();
	pid_t child = way == EARLY || !real._Fork ? (pid_t)sys_call0(SYS_fork) : real._Fork();

	if (child == 0 && way == RECORD)
		image_disown();
	return child;
}

/* ---- exec: the image ends here, unless it fails ---- */

#define EXEC(call)                                                                                 \
	do {                                                                                       \
		enum way way = enter();                                                            \
		int ret;                                                                           \
                                                                                                   \
		if (way == EARLY) {                                                                \
			errno = ENOSYS;                                                            \
			return -1;                                                                 \
		}                                                                                  \
		if (way == RECORD)                                                                 \
			init_end(IMAGE_EXEC, 0);                                                   \
		ret = call;                                                                        \
		if (way == RECORD)                                                                 \
			init_end_revoked();                                                        \
		return ret;                                                                        \
	} while (0)

EXPORT int execve(const char *path, char *const argv[], char *const envp[])
{
	EXEC(real.execve(path, argv, envp));
}

EXPORT int execv(const char *path, char *const argv[])
{
	EXEC(real.execv(path, argv));
}

EXPORT int execvp(const char *file, char *const argv[])
{
	EXEC(real.execvp(file, argv));
}

EXPORT int execvpe(const char *file, char *const argv[], char *const envp[])
{
	EXEC(real.execvpe ? real.execvpe(file, argv, envp) : real.execve(file, argv, envp));
}

EXPORT int fexecve(int fd, char *const argv[], char *const envp[])
{
	EXEC(real.fexecve(fd, argv, envp));
}

EXPORT int execveat(int fd, const char *path, char *const argv[], char *const envp[], int flags)
{
	EXEC(real.execveat ? real.execveat(fd, path, argv, envp, flags)
			   : (result_of(arch_syscall6(SYS_execveat, fd, (long)path, (long)argv,
				      (long)envp, flags, 0)),
				     -1));
}

/* The list forms gather their arguments on the stack, as libc's do, and call the vector form. */
static size_t count_arguments(va_list rest)
{
	size_t n = 1;

	while (va_arg(rest, const char *))
		n++;
	return n;
}

#define GATHER(argv, first, rest)                                                                  \
	va_start(rest, first);                                                                     \
	size_t argument_count = count_arguments(rest);                                             \
	va_end(rest);                                                                              \
	const char *argv[argument_count + 1];                                                      \
	va_start(rest, first);                                                                     \
	argv[0] = first;                                                                           \
	for (size_t i = 1; i <= argument_count; i++)                                               \
	argv[i] = va_arg(rest, const char *)

EXPORT int execl(const char *path, const char *first, ...)
{
	va_list rest;

	GATHER(argv, first, rest);
	va_end(rest);
	EXEC(real.execv(path, (char *const *)argv));
}

EXPORT int execlp(const char *file, const char *first, ...)
{
	va_list rest;

	GATHER(argv, first, rest);
	va_end(rest);
	EXEC(real.execvp(file, (char *const *)argv));
}

EXPORT int execle(const char *path, const char *first, ...)
{
	va_list rest;

	GATHER(argv, first, rest);
	char *const *envp = va_arg(rest, char *const *);

	va_end(rest);
	EXEC(real.execve(path, (char *const *)argv, envp));
}

/* ---- leak.h ---- */

EXPORT unsigned leak_snapshot(const char *label)
{
	return enter() == RECORD ? epochs_add(EPOCH_SNAPSHOT, label) : 0;
}

EXPORT unsigned leak_mark(const char *label)
{
	return enter() == RECORD ? epochs_add(EPOCH_MARK, label) : 0;
}

EXPORT void leak_disable(void)
{
	if (enter() == RECORD)
		tls.disabled++;
}

EXPORT void leak_enable(void)
{
	if (enter() == RECORD && tls.disabled)
		tls.disabled--;
}

EXPORT void leak_ignore(const void *block)
{
	if (enter() == RECORD)
		live_ignore(SPACE_HEAP, (uintptr_t)block, SITE_IGNORED);
}

EXPORT void leak_name_thread(const char *name)
{
	if (enter() == RECORD)
		thread_set_name(name);
}

EXPORT void leak_pool_alloc(const void *block, size_t size)
{
	if (enter() == RECORD && block)
		track_pool_alloc(block, size, FRAME);
}

EXPORT void leak_pool_free(const void *block)
{
	if (enter() == RECORD && block)
		track_pool_free(block);
}

/* ---- which hook is it? ---- */

static const struct {
	const void *start;
	uint8_t family;
} hook_rows[] = {
#define HOOK(symbol, type, parameters, family, kind) {(const void *)symbol, FAMILY_##family},
#include "preload/hooks.def"
#undef HOOK
};

extern const char __start_leak_hooks[] __attribute__((visibility("hidden")));
extern const char __stop_leak_hooks[] __attribute__((visibility("hidden")));

unsigned hook_family_at(uintptr_t pc)
{
	uintptr_t best = 0;
	unsigned family = 0;

	if (pc < (uintptr_t)__start_leak_hooks || pc >= (uintptr_t)__stop_leak_hooks)
		return 0;
	for (size_t i = 0; i < sizeof(hook_rows) / sizeof(hook_rows[0]); i++) {
		uintptr_t start = (uintptr_t)hook_rows[i].start;

		if (start <= pc && start >= best) {
			best = start;
			family = hook_rows[i].family;
		}
	}
	return family;
}
