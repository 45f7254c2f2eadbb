/* Calls that wait, see waits.h. */
#include <errno.h>
#include <linux/futex.h>
#include <linux/sched.h>
#include <sys/socket.h>
#include <time.h>
#include <ucontext.h>

#include "preload/waits.h"
#include "preload/sys.h"
#include "preload/text.h"

/* The same numbers on every machine. */
#ifndef SYS_io_uring_enter
#define SYS_io_uring_enter 426
#endif
#ifndef SYS_epoll_pwait2
#define SYS_epoll_pwait2 441
#endif
#define URING_ENTER_EXT_ARG 8u /* its time is among the arguments that the fifth points at */

/* Does the same call wait for as long as it would have waited? */
static bool goes_on(const struct wait *wait)
{
	const uint64_t *argument = wait->arguments;

	switch (wait->number) {
#ifdef SYS_pause
	case SYS_pause:
		return true;
	case SYS_poll:
		return (int)argument[2] < 0;
	case SYS_select:
		return argument[4] == 0;
	case SYS_epoll_wait:
		return (int)argument[3] < 0;
#endif
	case SYS_epoll_pwait:
		return (int)argument[3] < 0;
	case SYS_ppoll:
	case SYS_rt_sigtimedwait:
		return argument[2] == 0;
	case SYS_pselect6:
	case SYS_io_getevents:
#ifdef SYS_io_pgetevents
	case SYS_io_pgetevents:
#endif
		return argument[4] == 0;
	case SYS_epoll_pwait2:
		return argument[3] == 0;
	case SYS_io_uring_enter: /* which has submitted nothing when it fails */
		return !(argument[3] & URING_ENTER_EXT_ARG);
	case SYS_semtimedop:
		return argument[3] == 0;
	case SYS_rt_sigsuspend:
	case SYS_semop:
	case SYS_msgsnd:
	case SYS_msgrcv:
		return true;
	case SYS_nanosleep: /* the kernel has put there what remains */
		return argument[0] == argument[1];
	case SYS_clock_nanosleep:
		return argument[1] & TIMER_ABSTIME || argument[2] == argument[3];
	case SYS_futex: /* its time is a moment, that of FUTEX_WAIT is not */
		return (argument[1] & FUTEX_CMD_MASK) == FUTEX_WAIT_BITSET;
	default:
		return false;
	}
}

/* "NUMBER 0x… ×6 0xSTACK 0xIP"; another word when the thread runs. */
static bool read_call(const char *line, struct wait *ret)
{
	uint64_t *const fields[] = {&ret->arguments[0], &ret->arguments[1], &ret->arguments[2],
		&ret->arguments[3], &ret->arguments[4], &ret->arguments[5], &ret->stack_pointer,
		&ret->ip};

	if (*line < '0' || *line > '9')
		return false;
	line = text_read_decimal(line, &ret->number);
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (!text_begins(line, " 0x"))
			return false;
		line = text_read_hex(line + 3, fields[i]);
	}
	return true;
}

void waits_look(int tid, struct wait *ret)
{
	char line[256];
	long fd, got;
	TEXT(path, 64);

	ret->goes_on = ret->seen = false;
	text_add(&path, "/proc/self/task/");
	text_add_number(&path, (uint64_t)tid);
	text_add(&path, "/syscall");
	fd = sys_open(path.bytes, O_RDONLY, 0);
	if (sys_failed(fd))
		return;
	got = sys_read((int)fd, line, sizeof(line) - 1);
	sys_close((int)fd);
	if (got <= 0)
		return;
	line[got] = 0;
	ret->seen = read_call(line, ret);
	ret->goes_on = ret->seen && goes_on(ret);
}

bool waits_for_child(const struct wait *wait)
{
	if (!wait->seen)
		return false;
	switch (wait->number) {
#ifdef SYS_vfork
	case SYS_vfork:
		return true;
#endif
	case SYS_clone:
		return wait->arguments[0] & CLONE_VFORK;
	case SYS_clone3: /* what it waits for is in memory; but otherwise it does not wait */
		return true;
	default:
		return false;
	}
}

/* Is the thread where it was, right behind the same call? */
static bool stands_behind(const struct wait *wait, void *context)
{
	if (*arch_context_slot(context, ARCH_DWARF_PC) != wait->ip ||
		*arch_context_slot(context, ARCH_DWARF_SP) != wait->stack_pointer ||
		!arch_is_behind_system_call(wait->ip))
		return false;
	return arch_has_call(context, wait->number, wait->arguments);
}

/* What a call does not come back before it has done, but for a signal; 0: there is no such. */
static uint64_t waits_for(const struct wait *wait)
{
	const uint64_t *argument = wait->arguments;

	switch (wait->number) {
	case SYS_write:
	case SYS_sendto:
	case SYS_sendmmsg:
	case SYS_recvmmsg:
		return argument[2];
	case SYS_recvfrom:
		return argument[3] & MSG_WAITALL ? argument[2] : 0;
	case SYS_writev: /* more than fits at once, or it would not have waited */
	case SYS_sendmsg:
		return ~0ull >> 1;
	case SYS_recvmsg:
		return argument[2] & MSG_WAITALL ? ~0ull >> 1 : 0;
	case SYS_sendfile:
		return argument[3];
	default:
		return 0;
	}
}

bool waits_was_cut_short(const struct wait *wait, void *context)
{
	return wait->seen && stands_behind(wait, context) && arch_context_result(context) > 0 &&
	       (uint64_t)arch_context_result(context) < waits_for(wait);
}

/* A signal that comes between this look and the call is met as if it had come just before the call,
 * which whoever waits like that must bear; those who do not let signals in but in the call itself
 * (sigsuspend, ppoll) lose none. */
static bool signal_is_coming(void *context)
{
	uint64_t pending = 0, blocked;

	__builtin_memcpy(&blocked, &((const ucontext_t *)context)->uc_sigmask, sizeof(blocked));
	sys_call2(SYS_rt_sigpending, &pending, sizeof(pending));
	return (pending & ~blocked) != 0;
}

void waits_go_on(const struct wait *wait, void *context)
{
	if (wait->goes_on && stands_behind(wait, context) &&
		arch_context_result(context) == -EINTR && !signal_is_coming(context))
		arch_call_again(context, wait->number, wait->arguments);
}
