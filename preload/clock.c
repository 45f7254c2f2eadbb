/* Where the time comes from: the vDSO's clock_gettime, or the system call where there is no vDSO.
 */
#include "preload/clock.h"
#include "preload/elf.h"
#include "preload/sys.h"

struct clock process_clock;

static int gettime_by_system_call(clockid_t clock, struct timespec *ret)
{
	return (int)sys_call2(SYS_clock_gettime, clock, ret);
}

void clock_find(const void *vdso)
{
	process_clock.gettime = gettime_by_system_call;
	if (vdso) {
		void *found = elf_vdso_symbol(vdso, "__vdso_clock_gettime");

		if (found)
			process_clock.gettime = (int (*)(clockid_t, struct timespec *))found;
	}
}

void clock_start(void)
{
	process_clock.start_ns = clock_monotonic_ns();
	atomic_store(&process_clock.bias, 0);
}

uint64_t clock_realtime_ns(void)
{
	struct timespec now;

	process_clock.gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}
