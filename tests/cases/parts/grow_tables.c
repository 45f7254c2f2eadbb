/*
 * Makes the recorder's tables grow to almost 3 MiB: 240,000 blocks of 1 to 24 bytes, of which every
 * third is freed again, so 160,000 blocks of 2,080,000 bytes are left. Prints what it made and
 * whether errno stayed as it was; ends with status 7.
 *
 *   unlink=FILE  removes a file before the end, so that the disk has room again
 *   free         frees all of that but two blocks of 2 and 3 bytes
 *   stay         has a thread that is there at the end
 *   wait         waits to be killed
 *   kill         ends by SIGKILL
 *   abort        ends by SIGABRT
 *   exec         ends by executing /bin/true
 *   noexec       fails to execute something after an eighth of that, and goes on
 *   fsize        lowers RLIMIT_FSIZE to 1 MiB before that
 *   threads      four threads make a quarter each
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { BLOCKS = 240000, THREADS = 4 };

static char *blocks[BLOCKS];
static int errno_kept = 1;

static void make(int from, int end)
{
	errno = 77;
	for (int i = from; i < end; i++) {
		blocks[i] = malloc((size_t)(i % 24) + 1);
		if (!blocks[i])
			abort();
		memset(blocks[i], i, (size_t)(i % 24) + 1);
	}
	for (int i = from; i < end; i += 3) {
		free(blocks[i]);
		blocks[i] = NULL;
	}
	if (errno != 77)
		errno_kept = 0;
}

static void *make_quarter(void *number)
{
	int from = (int)(long)number * (BLOCKS / THREADS);

	make(from, from + BLOCKS / THREADS);
	return NULL;
}

static void *stay(void *unused)
{
	pause();
	return unused;
}

static int said(int argc, char **argv, const char *word)
{
	for (int i = 1; i < argc; i++)
		if (!strncmp(argv[i], word, strlen(word)))
			return i;
	return 0;
}

int main(int argc, char **argv)
{
	unsigned long sum = 0;
	char text[128];
	int unlinked = said(argc, argv, "unlink=");

	if (said(argc, argv, "threads")) {
		pthread_t threads[THREADS];

		for (long i = 0; i < THREADS; i++)
			if (pthread_create(&threads[i], NULL, make_quarter, (void *)i))
				return 2;
		for (int i = 0; i < THREADS; i++)
			pthread_join(threads[i], NULL);
	} else {
		make(0, BLOCKS / 8);
		if (said(argc, argv, "fsize") && setrlimit(RLIMIT_FSIZE, &(struct rlimit){1 << 20, 1 << 20}))
			return 5;
		if (said(argc, argv, "noexec") && execl("/nonexistent/program", "x", (char *)NULL) != -1)
			return 3;
		make(BLOCKS / 8, BLOCKS);
	}
	if (said(argc, argv, "stay") && pthread_create(&(pthread_t){0}, NULL, stay, NULL))
		return 6;
	for (int i = 0; i < BLOCKS; i++)
		sum += blocks[i] ? (unsigned char)blocks[i][0] : 0;
	snprintf(text, sizeof(text), "sum %lu, errno %s\n", sum, errno_kept ? "kept" : "changed");
	if (write(1, text, strlen(text)) < 0)
		return 4;
	for (int i = 3; i < BLOCKS && said(argc, argv, "free"); i++)
		free(blocks[i]);
	if (unlinked)
		unlink(argv[unlinked] + 7);
	if (said(argc, argv, "wait"))
		pause();
	if (said(argc, argv, "kill"))
		kill(getpid(), SIGKILL);
	if (said(argc, argv, "abort"))
		abort();
	if (said(argc, argv, "exec"))
		execl("/bin/true", "true", (char *)NULL);
	return 7;
}
