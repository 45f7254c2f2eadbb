/*
 * Copies the image of a running process into a file of its own. Called by `leak snap`, and by
 * `leak run` when a limit on memory is near. The process is neither stopped nor touched.
 */
#define _GNU_SOURCE
#include "snapshot.h"

#include "image_copy.h"
#include "image_open.h"
#include "memory.h"
#include "new_file.h"
#include "open_process.h"
#include "process_state.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define NAMES_MAX 100000 /* numbers that are tried for a name */

/* "leak.NAME.PID.snapN.leak", for the caller to free. */
static char *default_path(const struct image_file *image, int pid, unsigned number)
{
	const char *name = text_basename(image->exe);
	char *path;

	if (asprintf(&path, "leak.%.64s.%d.snap%u.leak", name[0] ? name : "unknown",
		    pid ? pid : image->header.pid, number) < 0)
		return memory_copy("snapshot.leak");
	return path;
}

/* Gives the complete file its name: that of -o, or the first that is free. Returns the name for the
 * caller to free, or NULL with a sentence. */
static char *keep(struct new_file *file, const struct snapshot_wish *wish,
	const struct image_file *image, int pid, struct error *error)
{
	unsigned number = 1;
	int result = 1;
	char *path = NULL;

	while (result == 1 && number <= NAMES_MAX) {
		free(path);
		path = wish->output ? memory_copy(wish->output)
				    : default_path(image, pid, number++);
		result = new_file_keep(file, path, error);
		if (wish->output)
			break;
	}
	if (result == 0)
		return path;
	if (result == 1)
		error_set(error, "there is a file by that name, and a snapshot replaces none; give "
				 "--output another name");
	free(path);
	return NULL;
}

static int check_running(const struct image_file *image, struct error *error)
{
	if (image->header.snapshot_realtime_ns)
		return error_set(error, "is a snapshot itself: copy it with cp");
	if (process_state_of(image) != STATE_RUNNING)
		return error_set(error, "the process has ended, so the image will not change: "
					"copy it with cp");
	return 0;
}

bool snapshot_is_possible(const char *name)
{
	struct image_file image;
	struct error error;
	bool possible =
		image_open(&image, name, NULL, &error) == 0 && check_running(&image, &error) == 0;

	image_close(&image);
	return possible;
}

/* Makes the copy. `ret_path` is where it is, or what the sentence is about. */
static int copy_image(struct snapshot_wish *wish, const struct image_file *image, char **ret_path,
	struct error *error)
{
	struct image_copy copy = {.name = wish->name, .label = wish->label};
	struct stat status;
	int pid = image->origin == ORIGIN_PROCESS ? open_process_pid(wish->name) : 0;
	char *path = wish->output ? memory_copy(wish->output) : default_path(image, pid, 1);
	struct new_file file;
	char *kept = NULL;

	*ret_path = path;
	if (wish->output && lstat(path, &status) == 0)
		return error_set(error,
			"there is a file by that name, and a snapshot replaces none; "
			"give --output another name");
	if (new_file_open(&file, path, error) < 0)
		return -1;
	if (image_copy(&copy, image, file.fd, error) == 0)
		kept = keep(&file, wish, image, pid, error);
	new_file_drop(&file);
	if (kept == NULL)
		return -1;
	wish->truncated = copy.truncated;
	free(path);
	*ret_path = kept;
	return 0;
}

int snapshot_take(struct snapshot_wish *wish, char **ret_path, struct error *error)
{
	struct image_file image;
	int result = image_open(&image, wish->name, NULL, error);

	*ret_path = NULL;
	if (result == 0)
		result = check_running(&image, error);
	if (result == 0)
		result = copy_image(wish, &image, ret_path, error);
	if (*ret_path == NULL)
		*ret_path = memory_copy(wish->name);
	image_close(&image);
	return result;
}
