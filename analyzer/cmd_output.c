/*
 * Writes a report aside and renames it when it is complete. Called by the commands that write one.
 * A signal that ends `leak` in between leaves the file aside, never half a report under the name
 * asked for.
 */
#define _GNU_SOURCE
#include "cmd_output.h"

#include "command.h"
#include "memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

static int open_temporary(struct cmd_output *file, mode_t mode)
{
	char suffix[32];

	snprintf(suffix, sizeof(suffix), ".%d.tmp", (int)getpid());
	file->temporary = memory_join(file->path, suffix, "");
	return open(file->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
}

bool cmd_output_is_terminal(const char *path)
{
	struct stat status;

	if (path == NULL)
		return isatty(STDOUT_FILENO);
	if (stat(path, &status) < 0 || !S_ISCHR(status.st_mode))
		return false;
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	bool is_terminal = fd >= 0 && isatty(fd);
	if (fd >= 0)
		close(fd);
	return is_terminal;
}

int cmd_output_open(struct cmd_output *file, const char *path, struct error *error)
{
	struct stat status;
	int fd;

	*file = (struct cmd_output){.out = stdout};
	if (path == NULL)
		return 0;
	bool exists = stat(path, &status) == 0;
	/* Behind a symbolic link it is the file that is replaced, not the link. */
	file->path = exists ? realpath(path, NULL) : NULL;
	if (file->path == NULL)
		file->path = memory_copy(path);
	if (exists && !S_ISREG(status.st_mode)) {
		fd = open(file->path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	} else {
		fd = open_temporary(file, exists ? status.st_mode & 0777 : 0666);
		if (fd >= 0 && exists && fchmod(fd, status.st_mode & 0777) < 0)
			errno = 0; /* not its owner's mode, but the report */
	}
	file->out = fd < 0 ? NULL : fdopen(fd, "w");
	if (file->out != NULL)
		return 0;
	error_set(error, "%s; check the path and its permissions", strerror(errno));
	free(file->path);
	free(file->temporary);
	return -1;
}

int cmd_output_width(const struct cmd_output *file)
{
	struct winsize size;
	const char *columns = getenv("COLUMNS");
	int width = columns ? atoi(columns) : 0, fd = fileno(file->out);

	if (width > 0)
		return width < 40 ? 40 : width;
	if (!isatty(fd) || ioctl(fd, TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
		return 0;
	return size.ws_col < 40 ? 40 : size.ws_col;
}

int cmd_output_close(struct cmd_output *file, struct error *error)
{
	int result = 0;

	if (file->path == NULL)
		return 0;
	bool failed = ferror(file->out) != 0;
	errno = 0;
	failed = fclose(file->out) != 0 || failed;
	if (!failed && file->temporary)
		failed = rename(file->temporary, file->path) < 0;
	if (failed) {
		result = error_set(error, "the report could not be written completely%s%s",
			errno ? ": " : "", errno ? strerror(errno) : "");
		if (file->temporary)
			unlink(file->temporary);
	}
	free(file->path);
	free(file->temporary);
	return result;
}

static int complain(const char *path, const struct error *error)
{
	command_complain(path ? path : "", error->text);
	return EXIT_NOT_MEASURED;
}

int cmd_output_begin(struct cmd_output *file, const char *path)
{
	struct error error;

	return cmd_output_open(file, path, &error) < 0 ? complain(path, &error) : EXIT_OK;
}

int cmd_output_finish(struct cmd_output *file, const char *path)
{
	struct error error;

	return cmd_output_close(file, &error) < 0 ? complain(path, &error) : EXIT_OK;
}
