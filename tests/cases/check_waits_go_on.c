// Threads that wait without an end go on waiting when a check has had them hold still: none sees EINTR.
// expect: not_recorded.failed_checks=0 not_recorded.dropped_events=0
// flags: -D_GNU_SOURCE -lpthread
#include <errno.h>
#include <linux/aio_abi.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/msg.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* The recorder's; without it there is none. */
extern int __lsan_do_recoverable_leak_check(void) __attribute__((weak));

#define CHECKS 20
#define SLEEP_MS 700 /* longer than all checks */
#ifndef SYS_epoll_pwait2
#define SYS_epoll_pwait2 441
#endif

static int ends[2]; /* of a pipe, into which something is written at the end */
static int events, semaphore, queue;
static sem_t posted;
static atomic_int over, waiting;

static struct timespec in_ms(long ms)
{
	struct timespec ret;

	clock_gettime(CLOCK_REALTIME, &ret);
	ret.tv_sec += ms / 1000;
	ret.tv_nsec += ms % 1000 * 1000000;
	if (ret.tv_nsec >= 1000000000) {
		ret.tv_sec++;
		ret.tv_nsec -= 1000000000;
	}
	return ret;
}

static long with_pause(void)
{
	return pause();
}

static long with_sigsuspend(void)
{
	sigset_t none;

	sigemptyset(&none);
	return sigsuspend(&none);
}

static long with_sigwaitinfo(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	return sigwaitinfo(&set, NULL);
}

static long with_poll(void)
{
	struct pollfd fd = {.fd = ends[0], .events = POLLIN};

	return poll(&fd, 1, -1);
}

static long with_ppoll(void)
{
	struct pollfd fd = {.fd = ends[0], .events = POLLIN};

	return ppoll(&fd, 1, NULL, NULL);
}

static long with_select(void)
{
	fd_set set;

	FD_ZERO(&set);
	FD_SET(ends[0], &set);
	return select(ends[0] + 1, &set, NULL, NULL, NULL);
}

static long with_pselect(void)
{
	fd_set set;

	FD_ZERO(&set);
	FD_SET(ends[0], &set);
	return pselect(ends[0] + 1, &set, NULL, NULL, NULL, NULL);
}

static long with_epoll(void)
{
	struct epoll_event event;

	return epoll_wait(events, &event, 1, -1);
}

/* A kernel before 5.11, or a filter, does not have it. */
static long with_epoll_pwait2(void)
{
	struct epoll_event event;
	long ret = syscall(SYS_epoll_pwait2, events, &event, 1, NULL, NULL, 0);

	return ret < 0 && errno == ENOSYS ? 1 : ret;
}

static long with_io_pgetevents(void)
{
	struct iocb poll = {.aio_lio_opcode = IOCB_CMD_POLL, .aio_fildes = (unsigned)ends[0], .aio_buf = POLLIN};
	struct iocb *list = &poll;
	struct io_event event;
	aio_context_t context = 0;

	if (syscall(SYS_io_setup, 1, &context) || syscall(SYS_io_submit, context, 1, &list) != 1)
		return 1;
	return syscall(SYS_io_pgetevents, context, 1, 1, &event, NULL, NULL);
}

static long with_semop(void)
{
	struct sembuf take = {.sem_op = -1};

	return semop(semaphore, &take, 1);
}

static long with_msgrcv(void)
{
	struct {
		long type;
		char text[8];
	} message;

	return msgrcv(queue, &message, sizeof(message.text), 0, 0);
}

static long with_nanosleep(void)
{
	struct timespec left = {.tv_nsec = SLEEP_MS * 1000000};

	return nanosleep(&left, &left);
}

static long with_clock_nanosleep(void)
{
	struct timespec until = in_ms(SLEEP_MS);

	errno = clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &until, NULL);
	return errno ? -1 : 0;
}

static long with_sem_timedwait(void)
{
	struct timespec until = in_ms(60000);

	return sem_timedwait(&posted, &until);
}

static const struct way {
	const char *name;
	long (*wait)(void);
	long result;
	int signal; /* that ends it */
} ways[] = {
	{"pause", with_pause, -1, SIGUSR1},
	{"sigsuspend", with_sigsuspend, -1, SIGUSR1},
	{"sigwaitinfo", with_sigwaitinfo, SIGUSR2, SIGUSR2},
	{"poll", with_poll, 1, 0},
	{"ppoll", with_ppoll, 1, 0},
	{"select", with_select, 1, 0},
	{"pselect", with_pselect, 1, 0},
	{"epoll_wait", with_epoll, 1, 0},
	{"epoll_pwait2", with_epoll_pwait2, 1, 0},
	{"io_pgetevents", with_io_pgetevents, 1, 0},
	{"semop", with_semop, 0, 0},
	{"msgrcv", with_msgrcv, 2, 0},
	{"nanosleep", with_nanosleep, 0, 0},
	{"clock_nanosleep", with_clock_nanosleep, 0, 0},
	{"sem_timedwait", with_sem_timedwait, 0, 0},
};
#define WAYS (sizeof(ways) / sizeof(ways[0]))

static char said[WAYS][80];

static void *wait_once(void *argument)
{
	const struct way *way = argument;
	long result;

	waiting++;
	result = way->wait();
	snprintf(said[way - ways], sizeof(said[0]), "%s: %s%s%s", way->name,
		result == way->result ? "as it should" : "wrong",
		result < 0 ? ", " : "", result < 0 ? strerror(errno) : "");
	if (way->signal && !over)
		strcat(said[way - ways], ", too early");
	return NULL;
}

static void on_signal(int signal)
{
	(void)signal;
}

int main(void)
{
	struct {
		long type;
		char text[2];
	} message = {.type = 1};
	struct sigaction action = {.sa_handler = on_signal};
	struct epoll_event readable = {.events = EPOLLIN};
	struct sembuf give = {.sem_op = 1};
	pthread_t threads[WAYS];
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	sigaction(SIGUSR1, &action, NULL);
	events = epoll_create1(0);
	semaphore = semget(IPC_PRIVATE, 1, 0600);
	queue = msgget(IPC_PRIVATE, 0600);
	if (pipe(ends) || epoll_ctl(events, EPOLL_CTL_ADD, ends[0], &readable) || semaphore < 0 ||
		queue < 0 || sem_init(&posted, 0, 0))
		return 2;
	for (size_t i = 0; i < WAYS; i++)
		pthread_create(&threads[i], NULL, wait_once, (void *)&ways[i]);
	while (waiting < (int)WAYS)
		usleep(1000);
	usleep(50000);
	for (int i = 0; i < CHECKS; i++) {
		if (__lsan_do_recoverable_leak_check)
			__lsan_do_recoverable_leak_check();
		usleep(10000);
	}
	over = 1;
	for (size_t i = 0; i < WAYS; i++) {
		if (ways[i].signal)
			pthread_kill(threads[i], ways[i].signal);
	}
	if (write(ends[1], "x", 1) != 1 || semop(semaphore, &give, 1) ||
		msgsnd(queue, &message, sizeof(message.text), 0))
		return 2;
	sem_post(&posted);
	for (size_t i = 0; i < WAYS; i++) {
		pthread_join(threads[i], NULL);
		puts(said[i]);
	}
	semctl(semaphore, 0, IPC_RMID);
	msgctl(queue, IPC_RMID, NULL);
	return 0;
}
