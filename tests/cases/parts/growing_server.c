/*
 * A small server for the tests of `leak top` and `leak snap`. It does what the letters on its
 * standard input say, and answers each with the same letter:
 *   g  opens 1000 sessions of 104 bytes, which stay        m  maps 64 KiB, which stay
 *   c  puts 1000 values into a cache of 10                 f  closes all sessions
 *   t  makes 1000 texts, and frees each at once
 * At the end of its input it returns 3. With an argument it serves by itself, until it is killed.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

struct session {
	struct session *next;
	char state[96];
};

static struct session *sessions;
static void *cache[10];

static void open_session(void)
{
	struct session *session = malloc(sizeof(*session));

	session->next = sessions;
	sessions = session;
}

static void cache_put(int key)
{
	free(cache[key % 10]);
	cache[key % 10] = malloc(500);
}

static void close_sessions(void)
{
	while (sessions) {
		struct session *next = sessions->next;
		free(sessions);
		sessions = next;
	}
}

static void print_text(void)
{
	char *volatile text = malloc(40);

	free(text);
}

static void serve(char request)
{
	for (int i = 0; request == 'g' && i < 1000; i++)
		open_session();
	for (int i = 0; request == 'c' && i < 1000; i++)
		cache_put(i);
	for (int i = 0; request == 't' && i < 1000; i++)
		print_text();
	if (request == 'f')
		close_sessions();
	if (request == 'm' && mmap(NULL, 65536, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED)
		_exit(4);
}

int main(int count, char **arguments)
{
	const struct timespec pause = {.tv_nsec = 20000000};
	char request;

	(void)arguments;
	while (count > 1) {
		serve('g');
		serve('c');
		nanosleep(&pause, NULL);
	}
	while (read(STDIN_FILENO, &request, 1) == 1) {
		serve(request);
		if (write(STDOUT_FILENO, &request, 1) != 1)
			return 5;
	}
	return 3;
}
