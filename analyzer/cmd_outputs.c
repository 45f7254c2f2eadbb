/*
 * Writes the files that CI systems read, and profiles, one row of a table each. Called by the
 * commands that have a refined model, which print their own report as well.
 */
#define _GNU_SOURCE
#include "cmd_outputs.h"

#include "cmd_output.h"
#include "command.h"
#include "load_segments.h"
#include "memory.h"
#include "render.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct output {
	const char *format; /* as in --format=NAME */
	size_t field;       /* of struct settings: the file's name, NULL: not asked for */
} outputs[] = {
	{"html", offsetof(struct settings, html)},
	{"sarif", offsetof(struct settings, sarif)},
	{"junit", offsetof(struct settings, junit)},
	{"gitlab", offsetof(struct settings, gitlab)},
	{"markdown", offsetof(struct settings, markdown)},
	{"valgrind-xml", offsetof(struct settings, xml)},
	{"pprof", offsetof(struct settings, pprof)},
};

#define OUTPUTS (sizeof(outputs) / sizeof(outputs[0]))

static const char *name_of(const struct settings *settings, size_t output)
{
	return *(const char *const *)((const char *)settings + outputs[output].field);
}

static const struct render_format *format_of(size_t output)
{
	return render_find(outputs[output].format);
}

/* Not one of those that list what a build should fail for. */
static bool is_profile(size_t output)
{
	return format_of(output)->kinds == 0;
}

static bool is_wanted(const struct settings *settings, bool profiles)
{
	for (size_t i = 0; i < OUTPUTS; i++)
		if (name_of(settings, i) && is_profile(i) == profiles)
			return true;
	return false;
}

bool cmd_outputs_wanted(const struct settings *settings)
{
	return is_wanted(settings, false);
}

static int usage(const char *subject, const char *reason)
{
	command_complain(subject, reason);
	return EXIT_USAGE;
}

int cmd_outputs_check(const struct settings *settings, const struct image_list *list)
{
	char *root = cmd_source_root(settings);
	bool has_root = root != NULL || settings->source_root == NULL;

	free(root);
	if (!has_root)
		return usage(
			settings->source_root, "is not there; --source-root needs a directory");
	for (size_t i = 0; i < OUTPUTS; i++) {
		const char *name = name_of(settings, i);
		if (name == NULL)
			continue;
		if (image_list_has(list, name))
			return usage(name, "is one of the images to read, and would be replaced; "
					   "give the output another name");
		bool again = settings->output && strcmp(settings->output, name) == 0;
		for (size_t k = 0; k < i; k++)
			again = again ||
				(name_of(settings, k) && strcmp(name_of(settings, k), name) == 0);
		if (again && strncmp(name, "/dev/", 5) != 0)
			return usage(name, "is named for two outputs; give each a name of its own");
		if (format_of(i)->binary && cmd_output_is_terminal(name))
			return usage(name, "is a terminal, and this is not text; name a file");
	}
	return EXIT_OK;
}

/* NULL is none. Returns 0, or -1 with errno. */
static int can_be_made(const char *name)
{
	const char *slash = name ? strrchr(name, '/') : NULL;
	struct stat there;

	if (name == NULL)
		return 0;
	if (stat(name, &there) == 0 && S_ISDIR(there.st_mode)) {
		errno = EISDIR;
		return -1;
	}
	if (access(name, W_OK) == 0)
		return 0;
	char *directory = memory_copy(slash ? name : ".");
	if (slash)
		directory[slash - name + 1] = '\0';
	int result = access(directory, W_OK | X_OK), kept = errno;
	free(directory);
	errno = kept;
	return result;
}

int cmd_outputs_can_be_made(const struct settings *settings)
{
	for (size_t i = 0; i <= OUTPUTS; i++) {
		const char *name = i < OUTPUTS ? name_of(settings, i) : settings->output;
		if (can_be_made(name) == 0)
			continue;
		command_complain(name, strerror(errno));
		return EXIT_NOT_MEASURED;
	}
	return EXIT_OK;
}

struct cmd_view cmd_outputs_view(const struct settings *settings)
{
	return (struct cmd_view){.group = "site",
		.kinds = settings->kinds != KINDS_NOT_GIVEN ? settings->kinds : CLASSES_SUSPECT,
		.leave_out_replaced = settings->kinds == KINDS_NOT_GIVEN,
		.top = SIZE_MAX,
		.all_sites = true};
}

static int write_output(const struct model *model, const struct render_options *options,
	const struct render_format *format, const char *path)
{
	struct cmd_output file;

	if (cmd_output_begin(&file, path) != EXIT_OK)
		return EXIT_NOT_MEASURED;
	format->render(model, options, file.out);
	return cmd_output_finish(&file, path);
}

static int write_outputs(const struct model *model, const struct settings *settings, bool profiles)
{
	char *root = cmd_source_root(settings);
	struct render_options options = {.quiet = true, .group = "site", .source_root = root};
	int status = EXIT_OK;

	for (size_t i = 0; i < OUTPUTS; i++) {
		const char *name = name_of(settings, i);
		if (name && is_profile(i) == profiles &&
			write_output(model, &options, format_of(i), name) != EXIT_OK)
			status = EXIT_NOT_MEASURED;
	}
	free(root);
	return status;
}

int cmd_outputs_write(const struct model *model, const struct settings *settings)
{
	return write_outputs(model, settings, false);
}

int cmd_outputs_write_profiles(struct cmd_model *loaded)
{
	const struct settings *settings = loaded->settings;
	struct cmd_view view = cmd_outputs_view(settings);

	if (!is_wanted(settings, true))
		return EXIT_OK;
	/* As --format lists them. */
	view.leave_out_replaced = false;
	if (settings->kinds == KINDS_NOT_GIVEN)
		view.kinds = CLASSES_ALL;
	cmd_model_refine(loaded, &view);
	load_segments(&loaded->model, &loaded->search);
	return write_outputs(&loaded->model, settings, true);
}

static bool has_git(const char *directory)
{
	char *path = memory_join(directory, "/", ".git");
	struct stat status;
	bool has = stat(path, &status) == 0; /* a file in a linked worktree */

	free(path);
	return has;
}

char *cmd_source_root(const struct settings *settings)
{
	char *here, *at, *slash;

	if (settings->source_root)
		return realpath(settings->source_root, NULL);
	if ((here = realpath(".", NULL)) == NULL)
		return NULL;
	at = memory_copy(here);
	while (!has_git(at) && (slash = strrchr(at, '/')) != NULL && slash > at)
		*slash = '\0';
	if (!has_git(at)) {
		free(at);
		return here;
	}
	free(here);
	return at;
}
