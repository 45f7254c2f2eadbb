// A process that daemon(3) ends has ended with status 0, and its blocks have classes; what goes on is its child.
// expect: processes=9 state=clean exit_status=0
// expect: site function=hold class=reachable bytes=4000 blocks=4
// expect: site function=lose class=definite bytes=160 blocks=4
#define _DEFAULT_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void *config;

static __attribute__((noinline)) void hold(void)
{
	config = malloc(1000);
}

static __attribute__((noinline)) void lose(void)
{
	memset(malloc(40), 1, 40);
}

/* Does the descriptor mean the same file as before? */
static int is_same(const struct stat *before, int fd)
{
	struct stat now = {0};

	fstat(fd, &now);
	return now.st_ino == before->st_ino && now.st_dev == before->st_dev;
}

static void be_daemon(int to, int stays, int keeps)
{
	struct stat before[3] = {0};
	char directory[4096];

	hold();
	for (int fd = 0; fd < 3; fd++)
		fstat(fd, &before[fd]);
	dprintf(to, "daemon: %d\n", daemon(stays, keeps));
	lose();
	dprintf(to, "leads its session %d, in / %d\n", getsid(0) == getpid(),
		getcwd(directory, sizeof(directory)) && !strcmp(directory, "/"));
	for (int fd = 0; fd < 3; fd++)
		dprintf(to, "%d is the same %d, flags %d\n", fd, is_same(&before[fd], fd), fcntl(fd, F_GETFD));
	dprintf(to, "next %d\n", open("/dev/null", O_RDONLY));
	exit(0);
}

int main(void)
{
	for (int how = 0; how < 4; how++) {
		int ends[2], status;
		char text[1000];
		ssize_t n;

		if (pipe(ends))
			return 2;
		if (fork() == 0) {
			close(ends[0]);
			if (how == 2)
				close(0);
			be_daemon(ends[1], how & 1, how >> 1 & 1 && how != 2);
		}
		close(ends[1]);
		wait(&status);
		printf("%d: status %d\n", how, WEXITSTATUS(status));
		fflush(stdout);
		while ((n = read(ends[0], text, sizeof(text))) > 0)
			if (write(1, text, (size_t)n) != n)
				return 2;
		close(ends[0]);
	}
	return 0;
}
