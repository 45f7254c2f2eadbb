/*
 * Writes a file aside and names it when it is complete. Called by cmd_snap.c. kill -9 leaves the
 * file aside, never half a file under the name asked for.
 */
#define _GNU_SOURCE
#include "new_file.h"

#include "memory.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const int deadly[] = {SIGINT, SIGTERM, SIGHUP};
#define DEADLY (sizeof(deadly) / sizeof(deadly[0]))

static const char *volatile aside; /* what a deadly signal removes */

static void on_deadly(int signal)
{
	if (aside)
		unlink(aside);
	raise(signal); /* its usual effect: SA_RESETHAND */
}

static void set_handlers(void)
{
	signal(SIGXFSZ, SIG_IGN); /* a limit on the size of files is an error, not the end */
	struct sigaction action = {.sa_handler = on_deadly, .sa_flags = (int)SA_RESETHAND}, before;

	for (size_t i = 0; i < DEADLY; i++)
		if (sigaction(deadly[i], NULL, &before) == 0 && before.sa_handler == SIG_DFL)
			sigaction(deadly[i], &action, NULL);
}

int new_file_open(struct new_file *file, const char *path, struct error *error)
{
	char suffix[32];

	snprintf(suffix, sizeof(suffix), ".%d.tmp", (int)getpid());
	file->temporary = memory_join(path, suffix, "");
	file->fd = open(file->temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (file->fd < 0) {
		error_set(error, "%s; check the path and its permissions", strerror(errno));
		free(file->temporary);
		return -1;
	}
	aside = file->temporary;
	set_handlers();
	return 0;
}

/* Renames without replacing; by a hard link where the file system cannot do that (NFS). */
static int rename_new(const char *from, const char *to)
{
	if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -1;
	if (link(from, to) < 0)
		return -1;
	unlink(from);
	return 0;
}

int new_file_keep(struct new_file *file, const char *path, struct error *error)
{
	int closed = file->fd < 0 ? 0 : close(file->fd);

	file->fd = -1;
	if (closed < 0) /* a file system that notices only now that it is full */
		return error_set(error, "it could not be written completely: %s", strerror(errno));
	if (rename_new(file->temporary, path) < 0) {
		if (errno == EEXIST)
			return 1;
		return error_set(error, "%s", strerror(errno));
	}
	aside = NULL;
	free(file->temporary);
	*file = (struct new_file){.fd = -1};
	return 0;
}

void new_file_drop(struct new_file *file)
{
	if (file->fd >= 0)
		close(file->fd);
	if (file->temporary)
		unlink(file->temporary);
	aside = NULL;
	free(file->temporary);
	*file = (struct new_file){.fd = -1};
}
