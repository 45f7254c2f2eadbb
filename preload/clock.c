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

static time_t second_by_system_call(time_t *unused)
{
	struct timespec now = {.tv_sec = 0};

	(void)unused;
	sys_call2(SYS_clock_gettime, CLOCK_REALTIME_COARSE, &now);
	return now.tv_sec;
}

/* Where the vDSO has no time(). */
static time_t second_by_gettime(time_t *unused)
{
	struct timespec now = {.tv_sec = 0};

	(void)unused;
	process_clock.gettime(CLOCK_REALTIME_COARSE, &now);
	return now.tv_sec;
}

static void *find(const void *vdso, const char *name)
{
	return vdso && name ? elf_vdso_symbol(vdso, name) : NULL;
}

void clock_find(const void *vdso)
{
	void *gettime = find(vdso, ARCH_VDSO_GETTIME), *second = find(vdso, ARCH_VDSO_TIME);

	process_clock.gettime =
		gettime ? (int (*)(clockid_t, struct timespec *))gettime : gettime_by_system_call;
	process_clock.second = second    ? (time_t(*)(time_t *))second
			       : gettime ? second_by_gettime
					 : second_by_system_call;
}

void clock_start(void)
{
	process_clock.start_ns = clock_monotonic_ns();
	atomic_store(&process_clock.bias, 0);
	hot.slot_moment = 0; /* a parent's would be later */
	clock_note();
}

uint64_t clock_note(void)
{
	uint64_t moment = clock_moment();
	uint64_t noted = moment < SLOT_MOMENT_MAX ? moment : SLOT_MOMENT_MAX;
	uint64_t wanted = noted << SLOT_MOMENT_SHIFT;
	uint64_t seen = __atomic_load_n(&hot.slot_moment, __ATOMIC_RELAXED);

	__atomic_store_n(&hot.second, process_clock.second(NULL), __ATOMIC_RELAXED);
	/* Never back: a thread that was taken off the processor here while another set a mark would
	 * have what comes after the mark stamped as if it had been before. */
	while (seen < wanted && !__atomic_compare_exchange_n(&hot.slot_moment, &seen, wanted, false,
					__ATOMIC_RELAXED, __ATOMIC_RELAXED))
		;
	return moment;
}

uint64_t clock_realtime_ns(void)
{
	struct timespec now;

	process_clock.gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}
