/* The hooks of mapped memory: mmap and kin, the break, shared segments. */
#include <errno.h>
#include <stdarg.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <unistd.h>

#include "preload/hook.h"
#include "preload/image.h"
#include "preload/real.h"
#include "preload/regions.h"
#include "preload/track.h"

/* off64_t is off_t on 64-bit machines: one function under two names. */
#define MMAP(symbol)                                                                               \
	EXPORT void *symbol(void *at, size_t size, int prot, int flags, int fd, off_t offset)      \
	{                                                                                          \
		enum way way = enter();                                                            \
		void *start;                                                                       \
                                                                                                   \
		if (unlikely(way == EARLY))                                                        \
			return hook_result_of(sys_mmap(at, size, prot, flags, fd, offset));        \
		start = real.symbol(at, size, prot, flags, fd, offset);                            \
		if (start != MAP_FAILED && way == RECORD)                                          \
			track_map(REGION_MMAP, start, size, prot, flags, FAMILY_MMAP, FRAME);      \
		return start;                                                                      \
	}

MMAP(mmap)
MMAP(mmap64)

/* After the call that was to unmap what was detached. */
static void settle(uint32_t token, bool failed)
{
	if (failed)
		regions_restore(token);
	else
		regions_discard(token);
}

EXPORT int munmap(void *start, size_t size)
{
	enum way way = enter();
	uint32_t token;
	int ret;

	if (unlikely(way == EARLY))
		return hook_result_of(sys_munmap(start, size)) == MAP_FAILED ? -1 : 0;
	if (unlikely(way == PASS))
		return real.munmap(start, size);
	token = regions_detach((uintptr_t)start, size);
	ret = real.munmap(start, size);
	settle(token, ret != 0);
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
		return hook_result_of(arch_syscall6(
			SYS_mremap, (long)old, (long)old_size, (long)size, flags, (long)wanted, 0));
	if (unlikely(way == PASS))
		return real.mremap(old, old_size, size, flags, wanted);
	token = regions_detach((uintptr_t)old, old_size);
	start = real.mremap(old, old_size, size, flags, wanted);
	settle(token, start == MAP_FAILED || flags & REMAP_KEEP_OLD);
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
	if (token)
		settle(token, ret != 0);
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
	if (token)
		settle(token, old == (void *)-1);
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
		return hook_result_of(sys_call3(SYS_shmat, id, at, flags));
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
		return hook_result_of(sys_call1(SYS_shmdt, start)) == MAP_FAILED ? -1 : 0;
	size = way == RECORD ? regions_size_at((uintptr_t)start) : 0;
	if (size)
		token = regions_detach((uintptr_t)start, size);
	ret = real.shmdt(start);
	if (token)
		settle(token, ret != 0);
	return ret;
}
