// Threads that wait in the middle of a transfer when the program ends do not come back from it and go on.
// expect: state=clean exit_status=0 not_recorded.failed_checks=0
// flags: -D_GNU_SOURCE -lpthread
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum { MUCH = 1 << 22, TIMES = 4 };

static char much[MUCH];
static atomic_int waiting;

static void socket_pair(int kind, int ends[2])
{
	if (socketpair(AF_UNIX, kind, 0, ends))
		exit(2);
}

static long with_write(void)
{
	int ends[2];

	return pipe(ends) ? -1 : write(ends[1], much, MUCH);
}

static long with_writev(void)
{
	struct iovec parts[2] = {{much, MUCH / 2}, {much, MUCH / 2}};
	int ends[2];

	return pipe(ends) ? -1 : writev(ends[1], parts, 2);
}

static long with_send(void)
{
	int ends[2];

	socket_pair(SOCK_STREAM, ends);
	return send(ends[0], much, MUCH, 0);
}

static long with_sendmmsg(void)
{
	struct iovec part = {much, MUCH};
	struct mmsghdr messages[2] = {{.msg_hdr = {.msg_iov = &part, .msg_iovlen = 1}},
		{.msg_hdr = {.msg_iov = &part, .msg_iovlen = 1}}};
	int ends[2];

	socket_pair(SOCK_STREAM, ends);
	return sendmmsg(ends[0], messages, 2, 0);
}

static long with_recv(void)
{
	char text[10];
	int ends[2];

	socket_pair(SOCK_STREAM, ends);
	return write(ends[1], "abc", 3) == 3 ? recv(ends[0], text, sizeof(text), MSG_WAITALL) : -1;
}

static long with_recvmmsg(void)
{
	char text[10];
	struct iovec part = {text, sizeof(text)};
	struct mmsghdr messages[2] = {{.msg_hdr = {.msg_iov = &part, .msg_iovlen = 1}},
		{.msg_hdr = {.msg_iov = &part, .msg_iovlen = 1}}};
	int ends[2];

	socket_pair(SOCK_DGRAM, ends);
	return write(ends[1], "abc", 3) == 3 ? recvmmsg(ends[0], messages, 2, 0, NULL) : -1;
}

static const struct way {
	const char *name;
	long (*transfer)(void);
} ways[] = {
	{"write", with_write},
	{"writev", with_writev},
	{"send", with_send},
	{"sendmmsg", with_sendmmsg},
	{"recv", with_recv},
	{"recvmmsg", with_recvmmsg},
};
#define WAYS (sizeof(ways) / sizeof(ways[0]))

static void *transfer_once(void *argument)
{
	const struct way *way = argument;
	long result;

	waiting++;
	result = way->transfer();
	dprintf(2, "%s came back with %ld\n", way->name, result);
	return NULL;
}

int main(void)
{
	pthread_t thread;

	for (size_t i = 0; i < TIMES * WAYS; i++)
		pthread_create(&thread, NULL, transfer_once, (void *)&ways[i % WAYS]);
	while (waiting < (int)(TIMES * WAYS))
		usleep(1000);
	usleep(100000);
	return 0;
}
