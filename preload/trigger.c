/* Snapshots by signal, interval and limit, and the note that a crash leaves (handle_segv=1). */
#include <signal.h>
#include <stddef.h>

#include "preload/trigger.h"
#include "preload/check_copy.h"
#include "preload/clock.h"
#include "preload/epochs.h"
#include "preload/hot.h"
#include "preload/image.h"
#include "preload/limit.h"
#include "preload/options.h"
#include "preload/sys.h"

static void on_snapshot(int signal)
{
	(void)signal;
	if (hot.state == HOT_READY) {
		epochs_add(EPOCH_SIGNAL, NULL);
		check_aside(CHECK_ON_SIGNAL);
	}
}

static const int crash_signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
static struct sigaction crash_before[sizeof(crash_signals) / sizeof(crash_signals[0])];

static void on_crash(int signal, siginfo_t *info, void *context)
{
	(void)context;
	if (hot.state == HOT_READY && image) {
		image->signal = signal;
		image->fault_address = (uint64_t)(uintptr_t)info->si_addr;
		image_finish(IMAGE_CRASHED, 0, false);
	}
	/* Put back what was there and return: a fault happens again and takes its usual course; a
	 * signal that was sent is sent again. */
	for (size_t i = 0; i < sizeof(crash_signals) / sizeof(crash_signals[0]); i++) {
		if (crash_signals[i] == signal)
			sigaction(signal, &crash_before[i], NULL);
	}
	if (info->si_code <= 0 || signal == SIGABRT)
		sys_call3(SYS_tgkill, sys_getpid(), sys_gettid(), signal);
}

/* The moment of the snapshot after this one; never, without interval=. */
static uint64_t tick_after(uint64_t moment)
{
	uint64_t ticks = (options.interval * 1000000000u) >> CLOCK_SHIFT;

	return options.interval ? moment + ticks : UINT64_MAX;
}

void trigger_start(int handlers)
{
	struct sigaction action = {.sa_handler = on_snapshot, .sa_flags = SA_RESTART};
	struct sigaction crash = {.sa_sigaction = on_crash, .sa_flags = SA_SIGINFO | SA_ONSTACK};

	hot.tick_moment = tick_after(clock_moment());
	limit_start();
	if (!handlers)
		return;
	if (options.signal)
		sigaction((int)options.signal, &action, NULL);
	if (options.handle_segv) {
		for (size_t i = 0; i < sizeof(crash_signals) / sizeof(crash_signals[0]); i++)
			sigaction(crash_signals[i], &crash, &crash_before[i]);
	}
}

SLOW void trigger_second(void)
{
	/* Several threads may see the same tick; the one that moves it on takes the snapshot. */
	uint64_t moment = clock_note(), seen = hot.tick_moment, want = tick_after(moment);

	if (moment >= seen && __atomic_compare_exchange_n(&hot.tick_moment, &seen, want, false,
				      __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		epochs_add(EPOCH_INTERVAL, NULL);
	__atomic_store_n(&image->seen_monotonic_ns, clock_monotonic_ns(), __ATOMIC_RELAXED);
	if (unlikely(options.limit))
		limit_check();
	check_look_after(false);
	if (unlikely(image->check_wanted != image->check_heard))
		check_aside(CHECK_ON_REQUEST);
}
