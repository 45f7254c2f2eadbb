/*
 * A supervised daemon that grows with every request: sessions are made and some are never closed.
 * It marks its phases, so that a later report can be cut by age.
 *
 * expect: images=2
 * expect: process 1 state=clean live.bytes=24000 live.blocks=250
 * expect: site function=open_session line=21 bytes=24000 blocks=250 allocator=calloc frame=serve
 */
#include "preload/leak.h"
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

struct session {
	long id;
	char state[88];
};

static struct session *open_session(long id)
{
	struct session *session = calloc(1, sizeof *session);

	session->id = id;
	return session;
}

static void serve(long requests)
{
	for (long id = 0; id < requests; id++) {
		struct session *session = open_session(id);

		if (id % 4) /* every fourth client hangs up without a goodbye */
			free(session);
	}
}

int main(void)
{
	void *configuration = malloc(64);
	pid_t daemon_pid = fork();

	if (daemon_pid == 0) {
		setsid();
		if (leak_mark)
			leak_mark("warm");
		serve(1000);
		exit(0);
	}
	waitpid(daemon_pid, NULL, 0);
	free(configuration);
	return 0;
}
