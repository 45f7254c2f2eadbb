/*
 * `leak snap PID|IMAGE`: has a running process find out which of its blocks are lost, and copies
 * its image, to be reported on later while the process goes on. With --no-check the process is
 * neither stopped nor touched.
 */
#define _GNU_SOURCE
#include "command.h"

#include "ask_check.h"
#include "cmd_model.h"
#include "cmd_next.h"
#include "snapshot.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATIENCE_MS 2500 /* a process looks once a second, if it allocates */

/* The verdict that `leak report` gives, for the caller to free; NULL when there is none, and why
 * was said. */
static char *judge(const struct settings *given, const char *path)
{
	struct settings settings = *given; /* its texts stay its own */
	struct cmd_view view = {.group = "site", .kinds = CLASSES_SUSPECT, .top = 1};
	struct cmd_model loaded;
	char *line = NULL;

	settings.operands = (struct text_list){.texts = &path, .count = 1};
	settings.output = NULL;
	if (cmd_model_load(&loaded, &settings) == EXIT_OK) {
		cmd_model_refine(&loaded, &view);
		line = text_escape(loaded.model.verdict.line);
	}
	cmd_model_free(&loaded);
	return line;
}

static int say(const struct settings *settings, const char *path, bool truncated)
{
	char *escaped = text_escape(path), *verdict = NULL, *next;

	printf("%s%s\n", settings->quiet ? "" : "snapshot ", escaped);
	free(escaped);
	if (!settings->quiet) {
		verdict = judge(settings, path);
		if (verdict == NULL)
			return EXIT_NOT_MEASURED;
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
	struct snapshot_wish wish = {
		.label = settings->label ? settings->label : "", .output = settings->output};
	struct error error;
	char *path = NULL;
	int status = EXIT_NOT_MEASURED;

	if (settings->operands.count != 1)
		return usage("snap needs one process or image: leak snap PID");
	if (strlen(wish.label) >= IMAGE_LABEL_MAX)
		return usage("--label takes at most 63 bytes");
	wish.name = settings->operands.texts[0];
	/* What cannot be found out is no reason not to keep the rest. */
	if (!settings->no_check && ask_check(wish.name, PATIENCE_MS, &error) < 0 &&
		snapshot_is_possible(wish.name))
		command_complain(wish.name, error.text);
	if (snapshot_take(&wish, &path, &error) < 0)
		command_complain(path, error.text);
	else
		status = say(settings, path, wish.truncated);
	free(path);
	return status;
}
