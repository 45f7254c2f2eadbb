/*
 * `leak snap PID|IMAGE`: copies the image of a running process, to be reported on later while the
 * process goes on. The process is neither stopped nor touched.
 */
#define _GNU_SOURCE
#include "command.h"

#include "aggregate.h"
#include "cmd_next.h"
#include "image_copy.h"
#include "image_open.h"
#include "load_image.h"
#include "memory.h"
#include "merge_sites.h"
#include "new_file.h"
#include "open_process.h"
#include "process_state.h"
#include "symbolize.h"
#include "text.h"
#include "verdict.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define NAMES_MAX 100000 /* numbers that are tried for a name */
#define MERGE_LIMIT 2000 /* sites that are all named, as in a report */

/* "leak.NAME.PID.snapN.leak", for the caller to free. */
static char *default_path(const struct image_file *image, int pid, unsigned number)
{
	const char *name = text_basename(image->header.exe);
	char *path;

	if (asprintf(&path, "leak.%.64s.%d.snap%u.leak", name[0] ? name : "unknown",
		    pid ? pid : image->header.pid, number) < 0)
		return memory_copy("snapshot.leak");
	return path;
}

/* Gives the complete file its name: that of -o, or the first that is free. Returns the name for the
 * caller to free, or NULL with a sentence. */
static char *keep(struct new_file *file, const struct settings *settings,
	const struct image_file *image, int pid, struct error *error)
{
	unsigned number = 1;
	int result = 1;
	char *path = NULL;

	while (result == 1 && number <= NAMES_MAX) {
		free(path);
		path = settings->output ? memory_copy(settings->output)
					: default_path(image, pid, number++);
		result = new_file_keep(file, path, error);
		if (settings->output)
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

/* Makes the copy. Returns whether that went well; if so, `ret_path` is where it is, else what the
 * sentence is about. The caller frees it. */
static bool take(const struct settings *settings, struct image_copy *copy,
	const struct image_file *image, char **ret_path, struct error *error)
{
	struct stat status;
	int pid = image->origin == ORIGIN_PROCESS ? open_process_pid(copy->name) : 0;
	char *path = settings->output ? memory_copy(settings->output) : default_path(image, pid, 1);
	struct new_file file;
	char *kept = NULL;

	*ret_path = path;
	if (settings->output && lstat(path, &status) == 0) {
		error_set(error, "there is a file by that name, and a snapshot replaces none; give "
				 "--output another name");
	} else if (new_file_open(&file, path, error) == 0) {
		if (image_copy(copy, image, file.fd, error) == 0)
			kept = keep(&file, settings, image, pid, error);
		new_file_drop(&file);
	}
	if (kept == NULL)
		return false;
	free(path);
	*ret_path = kept;
	return true;
}

/* The verdict that `leak report` gives, for the caller to free; NULL with a sentence. */
static char *judge(const char *path, struct error *error)
{
	struct symbol_search search = {0};
	struct load_options options = {0};
	struct model model;
	char *line = NULL;

	model_init(&model);
	if (load_image(&model, path, &options, error) == 0) {
		struct symbolizer *symbolizer = symbolizer_new(&model, &search);
		bool all = model.site_count <= MERGE_LIMIT;
		aggregate_sites(&model, 1);
		for (size_t i = 0; i < model.row_count; i++)
			if (all || model.rows[i].shown)
				symbolize_site(symbolizer, model.rows[i].site);
		if (all)
			merge_sites(&model);
		aggregate_sites(&model, 1);
		verdict_decide(&model);
		line = text_escape(model.verdict.line);
		symbolizer_free(symbolizer);
	}
	model_free(&model);
	return line;
}

static int say(const struct settings *settings, const char *path, bool truncated)
{
	char *escaped = text_escape(path), *verdict = NULL, *next;
	struct error error;

	printf("%s%s\n", settings->quiet ? "" : "snapshot ", escaped);
	free(escaped);
	if (!settings->quiet) {
		verdict = judge(path, &error);
		if (verdict == NULL) {
			command_complain(path, error.text);
			return EXIT_NOT_MEASURED;
		}
		printf("VERDICT  %s\n", verdict);
		next = cmd_next_report(path);
		if (next)
			printf("next: %s\n", next);
		free(next);
		free(verdict);
	}
	if (!truncated)
		return EXIT_OK;
	command_complain(path, "the snapshot is truncated, as what can be read of the image is; "
			       "when the rest is in the memory of the process, snap its pid, as "
			       "its user or root");
	return EXIT_NOT_MEASURED;
}

static int usage(const char *reason)
{
	command_complain("", reason);
	return EXIT_USAGE;
}

int cmd_snap(struct settings *settings)
{
	struct image_copy copy = {.label = settings->label ? settings->label : ""};
	struct image_file image;
	struct error error;
	char *path = NULL;
	int status = EXIT_NOT_MEASURED;

	if (settings->operands.count != 1)
		return usage("snap needs one process or image: leak snap PID");
	if (strlen(copy.label) >= IMAGE_LABEL_MAX)
		return usage("--label takes at most 63 bytes");
	copy.name = settings->operands.texts[0];
	if (image_open(&image, copy.name, NULL, &error) < 0 || check_running(&image, &error) < 0)
		command_complain(copy.name, error.text);
	else if (!take(settings, &copy, &image, &path, &error))
		command_complain(path, error.text);
	else
		status = say(settings, path, copy.truncated);
	image_close(&image);
	free(path);
	return status;
}
