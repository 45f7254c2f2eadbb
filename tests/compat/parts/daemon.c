/* Becomes a daemon in the classic way and serves until SIGTERM: daemon ROUNDS LOG PID_FILE. Allocates in all stages. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static long rounds;

static void notify(const char *text)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	const char *path = getenv("NOTIFY_SOCKET");
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (!path || strlen(path) >= sizeof(to.sun_path))
		return;
	strcpy(to.sun_path, path);
	if (sendto(fd, text, strlen(text), MSG_NOSIGNAL, (struct sockaddr *)&to,
		    offsetof(struct sockaddr_un, sun_path) + strlen(path)) < 0)
		abort();
	close(fd);
}

static void *work(void *unused)
{
	for (long i = 0; i < rounds; i++)
		free(realloc(strdup("work"), (size_t)i % 3000 + 1));
	return unused;
}

static void serve(FILE *log)
{
	pthread_t threads[3];

	for (int i = 0; i < 3; i++)
		pthread_create(&threads[i], NULL, work, NULL);
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	fprintf(log, "served\n");
	fflush(log);
}

int main(int count, char **arguments)
{
	struct rlimit limit;
	sigset_t set;
	char *kept = malloc(100);
	int number, first;
	FILE *log, *pid_file;

	if (count < 4)
		return 2;
	rounds = atol(arguments[1]);
	snprintf(kept, 100, "kept from the first process");
	if (fork() > 0)
		_exit(0);
	setsid();
	signal(SIGHUP, SIG_IGN);
	free(malloc(1000));
	if (fork() > 0)
		exit(0);
	if (chdir("/"))
		return 3;
	umask(022);
	getrlimit(RLIMIT_NOFILE, &limit);
	for (int fd = 0; fd < (int)(limit.rlim_cur < 4096 ? limit.rlim_cur : 4096); fd++)
		close(fd);
	close_range(0, ~0u, 0);
	first = open("/dev/null", O_RDWR);
	dup(first), dup(first);
	sigemptyset(&set), sigaddset(&set, SIGHUP), sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	log = fopen(arguments[2], "w");
	fprintf(log, "descriptors %d and %d; %s; leader %d\n", first, fileno(log), kept, getsid(0) == getpid());
	serve(log);
	pid_file = fopen(arguments[3], "w");
	fprintf(pid_file, "%d\n", (int)getpid());
	fclose(pid_file);
	notify("READY=1\nSTATUS=serving");
	while (sigwait(&set, &number) == 0 && number == SIGHUP) {
		notify("RELOADING=1");
		serve(log);
		fprintf(log, "reloaded\n");
		fflush(log);
	}
	notify("STOPPING=1");
	fprintf(log, "ends\n");
	return fclose(log) != 0;
}
