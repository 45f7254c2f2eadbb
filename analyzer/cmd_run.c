/*
 * `leak run -- CMD`: starts CMD with libleak.so preloaded, waits, and ends as it ended. A process
 * that is killed cannot say so in its image; this one sees it and writes it there.
 */
#define _GNU_SOURCE
#include "command.h"

#include "cmd_start.h"
#include "memory.h"
#include "run_core.h"
#include "run_image.h"
#include "run_watch.h"
#include "snapshot.h"
#include "text.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define DEFAULT_PATTERN "leak.%e.%p.leak"

/* A value as the recorder takes it, whatever is in it: quoted, as in a shell. */
static char *quote(const char *value)
{
	char *quoted = memory_zero(5 * strlen(value) + 3, 1), *to = quoted;

	*to++ = '"';
	for (; *value; value++) {
		if (*value == '"')
			to = stpcpy(to, "\"'\"'\"");
		else
			*to++ = *value;
	}
	*to = '"';
	return quoted;
}

/* Adds to LEAK_OPTIONS what -o asks for, and the summary unless the user decided on it. */
static void set_options(const struct settings *settings)
{
	const char *old = getenv("LEAK_OPTIONS"), *file = settings->output;
	bool summary = !settings->quiet && !(old && strstr(old, "summary="));
	bool plain = file && strpbrk(file, ":, \t\n\"'") == NULL;
	char *value, *name = plain ? memory_copy(file) : file ? quote(file) : NULL, limit[32] = "";

	if (settings->limit)
		snprintf(limit, sizeof(limit), ":limit=%d", (int)settings->limit);
	if (asprintf(&value, "%s%s%s%s%s", old ? old : "", summary ? ":summary=1" : "", limit,
		    name ? ":output=" : "", name ? name : "") >= 0) {
		setenv("LEAK_OPTIONS", value[0] == ':' ? value + 1 : value, 1);
		free(value);
	}
	free(name);
}

/* What LEAK_OPTIONS says after `key`, "name=", the last time; NULL if nothing. */
static const char *recorder_option(const char *key)
{
	const char *options = getenv("LEAK_OPTIONS"), *at = options, *found = NULL;

	while (at && (at = strstr(at, key)) != NULL) {
		if (at == options || strchr(":, ", at[-1]))
			found = at + strlen(key);
		at++;
	}
	return found;
}

/* The output= that was given, for the caller to free. */
static char *given_pattern(const struct settings *settings)
{
	const char *found = recorder_option("output=");

	if (settings->output)
		return memory_copy(settings->output);
	if (found == NULL || *found == '\0')
		return memory_copy(DEFAULT_PATTERN);
	const char *end = *found == '"' || *found == '\'' ? (char[]){*found, '\0'} : ":, ";
	if (end[1] == '\0')
		found++;
	char *pattern = strndup(found, strcspn(found, end));
	return pattern ? pattern : memory_copy(DEFAULT_PATTERN);
}

/* The output= pattern in force, for the caller to free: in a directory images have their usual
 * names. */
static char *output_pattern(const struct settings *settings)
{
	char *given = given_pattern(settings), *pattern;
	struct stat status;
	size_t length = strlen(given);
	bool slash = length && given[length - 1] == '/';

	if (!slash && (stat(given, &status) < 0 || !S_ISDIR(status.st_mode)))
		return given;
	pattern = memory_join(given, slash ? "" : "/", DEFAULT_PATTERN);
	free(given);
	return pattern;
}

#define LOOKS_PER_SECOND 10

/* What the process holds when a limit is near goes to a file of its own: it may be killed soon. */
static void take_snapshot(
	const struct settings *settings, int pid, const char *image, const char *words)
{
	char name[16], *path;
	struct snapshot_wish wish = {.name = image, .label = words};
	struct error error;

	snprintf(name, sizeof(name), "%d", pid);
	if (image == NULL)
		wish.name = name; /* it has none, but perhaps tables in memory */
	if (snapshot_take(&wish, &path, &error) < 0) {
		command_complain(path, error.text);
	} else if (!settings->quiet) {
		error_set(&error, "%s; next: leak report %s", words, path);
		command_complain("", error.text);
	}
	free(path);
}

/* As cmd_start_wait, and looks at the process's limits meanwhile. */
static int watch_and_wait(
	const struct settings *settings, pid_t pid, const char *pattern, uint64_t since_ns)
{
	char words[IMAGE_LABEL_MAX];
	struct run_watch watch;
	int status = 0;
	pid_t ended;

	if (settings->limit == 0)
		return cmd_start_wait(pid);
	struct pollfd ending = {.fd = (int)syscall(SYS_pidfd_open, pid, 0), .events = POLLIN};
	run_watch_start(&watch, (int)pid, (unsigned)settings->limit);
	while ((ended = waitpid(pid, &status, WNOHANG)) == 0 || (ended < 0 && errno == EINTR)) {
		if (run_watch_look(&watch, words, sizeof(words))) {
			char *image = run_image_find(pattern, (int)pid, since_ns);
			take_snapshot(settings, (int)pid, image, words);
			free(image);
		}
		/* Until it ends, where the kernel can tell (5.3). */
		poll(&ending, ending.fd >= 0, 1000 / LOOKS_PER_SECOND);
	}
	if (ending.fd >= 0)
		close(ending.fd);
	run_watch_end(&watch);
	return status;
}

static void complain_signal(const char *command, int status)
{
	struct error error;
	char room[TEXT_SMALL];

	error_set(&error, "%s was killed by %s%s", command, text_signal(room, WTERMSIG(status)),
		WCOREDUMP(status) ? ", core dumped" : "");
	command_complain("", error.text);
}

/* Where the core is that the kernel has dumped. */
static void complain_core(pid_t pid, int status)
{
	char *core = run_core_find((int)pid, WTERMSIG(status));
	struct error error;

	if (core) {
		error_set(&error, "its memory at that moment is in its core; next: leak report %s",
			core);
		command_complain("", error.text);
	} else {
		char *hint = run_core_hint((int)pid);
		command_complain("", hint);
		free(hint);
	}
	free(core);
}

static void finish_image(const struct settings *settings, const char *image, int status)
{
	struct error error;

	run_image_finish(image, status);
	if (!WIFSIGNALED(status) || settings->quiet)
		return;
	error_set(&error, "what it held is in its image; next: leak report %s", image);
	command_complain("", error.text);
}

/* Was no image wanted, or nothing left and so none kept? As far as can be seen. */
static bool nothing_kept(int status)
{
	const char *keep = recorder_option("keep="), *file = recorder_option("file=");

	return (file && file[0] == '0') ||
	       (keep && strncmp(keep, "leaks", 5) == 0 && WIFEXITED(status));
}

/* What became of the measurement: completes the image, or says why there is none. Returns the exit
 * status that follows. */
static int conclude(const struct settings *settings, const char *command, const char *library,
	const char *pattern, pid_t pid, uint64_t since_ns, int status)
{
	int own = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	char *image = run_image_find(pattern, (int)pid, since_ns);

	if (WIFSIGNALED(status))
		complain_signal(command, status);
	if (image != NULL)
		finish_image(settings, image, status);
	else if (!nothing_kept(status) && cmd_start_unrecorded(command, library, pattern) &&
		 own == 0)
		own = EXIT_NOT_MEASURED;
	if (WIFSIGNALED(status) && WCOREDUMP(status) && !settings->quiet)
		complain_core(pid, status);
	free(image);
	return own;
}

/* An image replaces nothing, so one for /dev/null would be made beside it. */
static bool is_no_file(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode);
}

int cmd_run(struct settings *settings)
{
	char **arguments = memory_zero(settings->operands.count + 1, sizeof(*arguments));
	char *pattern = output_pattern(settings), *library = NULL;
	int result = EXIT_NOT_MEASURED;
	uint64_t since;

	for (size_t i = 0; i < settings->operands.count; i++)
		arguments[i] = (char *)settings->operands.texts[i];
	if (settings->operands.count == 0) {
		command_complain("", "run needs a command: leak run -- CMD [ARGS]");
		result = EXIT_USAGE;
	} else if (settings->output && settings->output[0] == '\0') {
		command_complain("", "--output needs the name of a file");
		result = EXIT_USAGE;
	} else if (settings->output && is_no_file(settings->output)) {
		command_complain(settings->output,
			"is there, and is no file: no image can be made by that "
			"name (LEAK_OPTIONS=file=0 records without one)");
		result = EXIT_USAGE;
	} else if ((library = cmd_start_library()) != NULL) {
		set_options(settings);
		pid_t pid = cmd_start(arguments, library, &since, &result);
		if (pid > 0)
			result = conclude(settings, arguments[0], library, pattern, pid, since,
				watch_and_wait(settings, pid, pattern, since));
	}
	free(arguments);
	free(library);
	free(pattern);
	return result;
}
