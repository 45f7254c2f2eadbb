/*
 * Stopping the other threads, see stop.h. The stopped ones wait in their signal handler, which runs
 * on an alternate signal stack where the thread has one; the kernel has put their registers there.
 *
 * A thread that starts while we look is found because we look until nobody new is there: those that
 * could start one hold still by then. One that blocks the signal by a system call of its own,
 * sleeps in the kernel where no signal reaches it, or has too little of its stack left, is unmet.
 */
#include <errno.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdatomic.h>
#include <ucontext.h>

#include "preload/stop.h"
#include "preload/directory.h"
#include "preload/own.h"
#include "preload/patience.h"
#include "preload/process.h"
#include "preload/sys.h"
#include "preload/text.h"
#include "preload/waits.h"

#define STOP_SIGNAL 33      /* SIGSETXID of glibc */
#define STOP_CODE (-0x6c6b) /* in siginfo: from us; the kernel lets a process send it to itself */

/* struct sigaction as the kernel has it (asm/signal.h, asm-generic/signal.h). */
struct kernel_action {
	void (*handler)(int, siginfo_t *, void *);
	unsigned long flags;
	void (*restorer)(void);
	uint64_t mask;
};

static struct kernel_action action_before;
static bool installed;

static atomic_flag busy = ATOMIC_FLAG_INIT;

/* What the handlers see. `round` is odd while threads are being stopped, and each attempt has its
 * own: a late one finds another. */
static _Atomic uint32_t stop_round;
static _Atomic uint32_t inside; /* handlers that may be looking at `noted` */
static _Atomic uint32_t met;
static struct stop noted;
static struct wait *waits; /* of those that are sent a signal, as many as noted has room for */
static volatile uint32_t ending; /* 1: the process ends */
static _Atomic uint32_t kept;    /* 1: it does, and a thread is not let go */

/* Was the thread in a system call that does not go on after a signal handler? Then it stands behind
 * the call, which has failed, or has done a part. Not in one of ours: it may have something that
 * others need. */
static bool call_was_interrupted(const struct wait *wait, ucontext_t *context)
{
	extern const char __ehdr_start[] __attribute__((visibility("hidden")));
	extern const char _end[] __attribute__((visibility("hidden")));
	uintptr_t ip = *arch_context_slot(context, ARCH_DWARF_PC);

	if (ip >= (uintptr_t)__ehdr_start && ip < (uintptr_t)_end)
		return false;
	return waits_was_cut_short(wait, context) ||
	       (arch_context_result(context) == -EINTR && arch_is_behind_system_call(ip));
}

static void hold(ucontext_t *context, uint32_t round)
{
	uint32_t place = atomic_fetch_add(&met, 1);

	if (place < noted.capacity) {
		noted.threads[place] = (struct stopped){.tid = sys_gettid(),
			.stack_pointer = *arch_context_slot(context, ARCH_DWARF_SP),
			.thread_pointer = arch_thread_pointer(),
			.registers = (const uint64_t *)context,
			.register_words =
				arch_context_bytes(context, sizeof(*context)) / sizeof(uint64_t)};
		__atomic_store_n(
			&noted.threads[place].tid, noted.threads[place].tid, __ATOMIC_RELEASE);
	}
	while (atomic_load(&stop_round) == round)
		sys_call4(SYS_futex, &stop_round, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, round, NULL);
}

static void on_stop(int signal, siginfo_t *info, void *context)
{
	uint64_t order = (uintptr_t)info->si_ptr;
	struct wait wait = {0};
	uint32_t round;

	if (info->si_code != STOP_CODE) {
		if ((uintptr_t)action_before.handler > (uintptr_t)SIG_IGN)
			action_before.handler(signal, info, context);
		return;
	}
	atomic_fetch_add(&inside, 1);
	round = atomic_load(&stop_round);
	if (round & 1 && round == (uint32_t)order) {
		wait = waits[order >> 32];
		hold(context, round);
	}
	if (ending && call_was_interrupted(&wait, context))
		atomic_store(&kept, 1);
	atomic_fetch_sub(&inside, 1);
	/* Until the process is gone: without us it would be waiting in the kernel. */
	while (ending && call_was_interrupted(&wait, context))
		sys_call4(SYS_futex, &ending, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, 1, NULL);
	waits_go_on(&wait, context);
}

static long set_action(const struct kernel_action *action, struct kernel_action *ret_before)
{
	return sys_call4(SYS_rt_sigaction, STOP_SIGNAL, action, ret_before, sizeof(uint64_t));
}

static bool install(void)
{
	struct kernel_action ours = {.handler = on_stop,
		.flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART | ARCH_SA_RESTORER,
		.restorer = arch_sigreturn,
		.mask = ~0ull};
	struct kernel_action before;

	if (sys_failed(set_action(&ours, &before)))
		return false;
	if (before.handler != on_stop)
		action_before = before;
	installed = true;
	return true;
}

/* Not while a signal of ours may still be on its way: without a handler it ends the process. Nor
 * when libc has set its own meanwhile. */
static void uninstall(void)
{
	struct kernel_action now;

	if (!sys_failed(set_action(NULL, &now)) && now.handler == on_stop)
		set_action(&action_before, NULL);
	installed = false;
}

/* The handler is told the round, and which of `waits` is the thread's. */
static long send(int tid, size_t index)
{
	siginfo_t info = {.si_signo = STOP_SIGNAL};

	info.si_code = STOP_CODE;
	info.si_pid = sys_getpid();
	info.si_ptr = (void *)(uintptr_t)(index << 32 | atomic_load(&stop_round));
	return sys_call4(SYS_rt_tgsigqueueinfo, info.si_pid, tid, STOP_SIGNAL, &info);
}

/* ---- the signals of who stops them ---- */

static uint64_t signals_before;

#define BIT(signal) (1ull << ((signal)-1))
/* What a user ends a program with. */
#define ENDS (BIT(SIGHUP) | BIT(SIGINT) | BIT(SIGQUIT) | BIT(SIGTERM))

/* Those of `signals` that have a handler of the program's. */
static uint64_t handled(uint64_t signals)
{
	struct kernel_action now;
	uint64_t ret = 0;

	for (int i = 1; i <= 64; i++) {
		if (signals & BIT(i) &&
			!sys_failed(sys_call4(SYS_rt_sigaction, i, NULL, &now, sizeof(ret))) &&
			(uintptr_t)now.handler > (uintptr_t)SIG_IGN)
			ret |= BIT(i);
	}
	return ret;
}

/* A handler may ask a thread that holds still, and wait for its answer: none runs meanwhile. */
static void hold_signals(void)
{
	uint64_t open;

	signals_before = sys_hold_signals();
	open = ENDS & ~handled(ENDS) & ~signals_before;
	sys_call4(SYS_rt_sigprocmask, SIG_UNBLOCK, &open, NULL, sizeof(open));
}

/* Nor does one after the check at the end, while there is a thread that is not let go; but the
 * program may still be waiting for somebody to read its last output. */
static void release_signals(void)
{
	uint64_t stay = atomic_load(&kept) ? handled(~ENDS) : 0;

	sys_release_signals(signals_before | stay);
}

/* ---- who there is ---- */

/* Those that were sent a signal, in the order of sending. */
struct asked {
	int *tids;
	size_t count, capacity;
	size_t refused;
	int self; /* who asks */
};

static bool is_asked(const struct asked *asked, int tid)
{
	for (size_t i = 0; i < asked->count; i++) {
		if (asked->tids[i] == tid)
			return true;
	}
	return false;
}

#define SIGNAL_BYTES 4096 /* where the kernel does not tell (before 5.14) */
#define HANDLER_BYTES 512 /* of on_stop and what it calls */

/* A signal that finds no room on the stack ends the process. Who runs does not tell where its stack
 * pointer is, and the main thread's stack grows. */
static bool has_room(int tid, const struct wait *wait)
{
	uintptr_t bytes = ARCH_RED_ZONE + HANDLER_BYTES +
			  (process.signal_bytes ? process.signal_bytes : SIGNAL_BYTES);
	uintptr_t at = wait->stack_pointer, low = at - bytes;

	if (!wait->seen || tid == sys_getpid())
		return true;
	for (; at - low > process_page(); at -= process_page()) {
		if (!sys_readable((const void *)at))
			return false;
	}
	return sys_readable((const void *)low);
}

static void ask(struct asked *asked, int tid)
{
	long ret;

	if (asked->count == asked->capacity) {
		asked->refused++;
		return;
	}
	waits_look(tid, &waits[asked->count]);
	asked->tids[asked->count++] = tid;
	if (!has_room(tid, &waits[asked->count - 1])) {
		asked->refused++;
		return;
	}
	ret = send(tid, asked->count - 1);
	if (ret == -ESRCH)
		asked->tids[asked->count - 1] = -1; /* gone meanwhile */
	else if (sys_failed(ret))
		asked->refused++;
}

static bool ask_new(void *context, int fd, const char *name)
{
	struct asked *asked = context;
	uint64_t tid;

	(void)fd;
	text_read_decimal(name, &tid);
	if (tid && (int)tid != asked->self && !is_asked(asked, (int)tid))
		ask(asked, (int)tid);
	return true;
}

static size_t count_living(const struct asked *asked)
{
	size_t n = 0;

	for (size_t i = 0; i < asked->count; i++)
		n += asked->tids[i] != -1;
	return n;
}

/* Those that have the signal and are not met yet. */
static size_t count_missing(const struct asked *asked)
{
	size_t here = atomic_load(&met) + asked->refused, living = count_living(asked);

	return living > here ? living - here : 0;
}

/* The main thread stays in the list when it has ended before the others. */
static bool main_has_ended(void)
{
	char stat[256]; /* "pid (name) state …"; the name has at most 15 bytes */
	long fd = sys_open("/proc/self/stat", O_RDONLY, 0), n, at;

	if (sys_failed(fd))
		return false;
	n = sys_read((int)fd, stat, sizeof(stat));
	sys_close((int)fd);
	for (at = n - 1; at > 0 && stat[at] != ')'; at--)
		;
	return at > 0 && at + 2 < n && (stat[at + 2] == 'Z' || stat[at + 2] == 'X');
}

/* A thread may have ended with the signal on its way. */
static void leave_out_the_dead(struct asked *asked)
{
	int pid = sys_getpid();

	for (size_t i = 0; i < asked->count; i++) {
		int tid = asked->tids[i];

		if (tid != -1 && (sys_call3(SYS_tgkill, pid, tid, 0) == -ESRCH ||
					 (tid == pid && main_has_ended())))
			asked->tids[i] = -1;
	}
}

#define LOOK_EVERY 64        /* waits between looks who is still there */
#define LOOKS_FOR_CHILDREN 8 /* after so many, some 0.1 s, a child of vfork is not waited for */

/* How many of them cannot be met before a child of theirs lets them. */
static size_t count_waiting_for_child(const struct asked *asked)
{
	struct wait wait;
	size_t n = 0;

	for (size_t i = 0; i < asked->count; i++) {
		if (asked->tids[i] == -1)
			continue;
		waits_look(asked->tids[i], &wait);
		n += waits_for_child(&wait);
	}
	return n;
}

/* Waits until all of them hold still, or for about a second in vain. */
static void await(struct asked *asked)
{
	size_t before = 0;

	for (unsigned n = 0; count_missing(asked); n++) {
		if (atomic_load(&met) != before) {
			before = atomic_load(&met);
			n = n < PATIENCE_YIELDS ? n : PATIENCE_YIELDS;
		}
		if (n % LOOK_EVERY == LOOK_EVERY - 1) {
			leave_out_the_dead(asked);
			if (n > PATIENCE_YIELDS + LOOKS_FOR_CHILDREN * LOOK_EVERY &&
				count_waiting_for_child(asked) >= count_missing(asked))
				return;
		}
		if (!patience(n))
			return;
	}
}

static size_t count_tasks(void)
{
	struct stat st;

	if (sys_failed(sys_call4(SYS_newfstatat, AT_FDCWD, "/proc/self/task", &st, 0)))
		return 0;
	return st.st_nlink > 2 ? st.st_nlink - 2 : 1;
}

/* Threads that are started while we look have room, too. */
#define ROOM_MORE 64

static bool make_room(struct asked *asked, size_t tasks)
{
	size_t capacity = tasks + tasks / 4 + ROOM_MORE;

	noted = (struct stop){.capacity = capacity};
	*asked = (struct asked){.capacity = capacity, .self = sys_gettid()};
	noted.threads = own_memory(capacity * sizeof(*noted.threads));
	asked->tids = own_memory(capacity * sizeof(*asked->tids));
	waits = own_memory(capacity * sizeof(*waits));
	return noted.threads && asked->tids && waits;
}

static void give_room_back(struct asked *asked)
{
	if (noted.threads)
		own_release(noted.threads, noted.capacity * sizeof(*noted.threads));
	if (asked->tids)
		own_release(asked->tids, asked->capacity * sizeof(*asked->tids));
	if (waits)
		own_release(waits, noted.capacity * sizeof(*waits));
}

bool stop_others(struct stop *ret)
{
	size_t tasks = count_tasks(), seen;
	struct asked asked;

	*ret = (struct stop){0};
	if (tasks == 0 || atomic_flag_test_and_set(&busy))
		return false;
	if (tasks == 1)
		return true;
	if (!make_room(&asked, tasks) || !install()) {
		give_room_back(&asked);
		atomic_flag_clear(&busy);
		return false;
	}
	hold_signals();
	atomic_store(&met, 0);
	atomic_fetch_add(&stop_round, 1);
	do {
		seen = asked.count;
		/* Everybody that is new. */
		if (!directory_each("/proc/self/task", ask_new, &asked))
			asked.refused++;
		await(&asked);
	} while (asked.count > seen && asked.count < asked.capacity);
	leave_out_the_dead(&asked);
	noted.count = atomic_load(&met) < noted.capacity ? atomic_load(&met) : noted.capacity;
	seen = count_living(&asked);
	noted.unmet = seen > noted.count ? seen - noted.count : 0;
	if (asked.refused > noted.unmet)
		noted.unmet = asked.refused;
	own_release(asked.tids, asked.capacity * sizeof(*asked.tids));
	if (!noted.unmet)
		uninstall();
	*ret = noted;
	return true;
}

void stop_release(struct stop *stop, bool finally)
{
	ending = finally;
	if (stop->capacity) {
		atomic_fetch_add(&stop_round, 1);
		sys_call3(SYS_futex, &stop_round, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 0x7fffffff);
		for (unsigned n = 0; atomic_load(&inside); n++) {
			if (!patience(n))
				break;
		}
		/* Who is still in there would write to it. */
		if (!atomic_load(&inside)) {
			own_release(stop->threads, stop->capacity * sizeof(*stop->threads));
			own_release(waits, stop->capacity * sizeof(*waits));
		}
		release_signals();
	}
	*stop = (struct stop){0};
	atomic_flag_clear(&busy);
}
