/*
 * `leak doctor [CMD]`: can this program be measured here, and what to do where it cannot. Nothing
 * is run. A line for each thing looked at; the exit status says whether it will work.
 */
#define _GNU_SOURCE
#include "command.h"
#include "run_features.h"
#include "run_target.h"
#include "text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

struct examination {
	const struct settings *settings;
	bool color;
	bool impossible;
};

enum finding { FINE, ODD, BAD };

static void say(struct examination *examination, enum finding finding, const char *subject,
	const char *words)
{
	static const char *const marks[] = {"ok  ", "note", "NO  "};
	static const char *const colors[] = {"\033[32m", "\033[33m", "\033[31m"};
	char *escaped = text_escape(subject);

	if (finding == BAD)
		examination->impossible = true;
	if (finding == FINE && examination->settings->quiet) {
		free(escaped);
		return;
	}
	printf("%s%s%s  %s %s\n", examination->color ? colors[finding] : "", marks[finding],
		examination->color ? "\033[0m" : "", escaped, words);
	free(escaped);
}

/* ---- the program ---- */

static void examine_elf(struct examination *examination, const char *command, const char *path)
{
	struct run_features features;
	char words[300];

	if (!run_features_read(path, &features)) {
		say(examination, FINE, command,
			"is a script: its interpreter is recorded, and what that starts");
		return;
	}
	if (features.sanitizer) {
		snprintf(words, sizeof(words),
			"is built with %s, which replaces malloc itself; measure a build without "
			"-fsanitize",
			features.sanitizer);
		say(examination, BAD, command, words);
	}
	if (features.has_malloc)
		say(examination, BAD, command,
			"defines malloc itself, in front of any that is preloaded: its blocks are "
			"not seen; measure a build with libc's malloc");
	if (features.calls_dlmopen)
		say(examination, ODD, command,
			"calls dlmopen: what is loaded so has a libc of its own, and is not seen");
	if (features.allocator) {
		snprintf(words, sizeof(words),
			"allocates by %s: recorded where it calls malloc, free, new and delete by "
			"these names",
			features.allocator);
		say(examination, ODD, command, words);
	}
	if (!features.has_unwind_table)
		say(examination, ODD, command,
			"has no .eh_frame: stacks end at its functions; build it with "
			"-fasynchronous-unwind-tables");
	if (features.has_lines)
		say(examination, FINE, command, "has debug information: source lines are known");
	else if (features.has_symbols)
		say(examination, ODD, command,
			"has names of functions, but no lines; build it with -g, or give leak "
			"report "
			"--symbols or --debuginfod");
	else
		say(examination, ODD, command,
			"is stripped: static functions have no names; keep an unstripped copy for "
			"leak report --symbols, or use --debuginfod");
}

static void examine_program(struct examination *examination, const char *command)
{
	char *path = run_target_find(command);
	const char *obstacle = path ? run_target_obstacle(path) : NULL;

	if (path == NULL)
		say(examination, BAD, command, "is no program that can be found; name its path");
	else if (obstacle)
		say(examination, BAD, command, obstacle);
	else
		say(examination, FINE, command, "can be preloaded");
	if (path && !obstacle)
		examine_elf(examination, command, path);
	free(path);
}

/* ---- this place ---- */

static void examine_library(struct examination *examination)
{
	char *library = run_target_library();
	const char *obstacle = library ? run_target_library_obstacle(library) : NULL;

	if (library == NULL)
		say(examination, BAD, "libleak.so",
			"is not found; set LEAK_LIBRARY to where it is");
	else if (obstacle || strpbrk(library, ": "))
		say(examination, BAD, library,
			obstacle ? obstacle
				 : "has a space or a colon in its path, which LD_PRELOAD cannot "
				   "take; "
				   "set LEAK_LIBRARY to a copy elsewhere");
	else
		say(examination, FINE, library, "is the recorder");
	free(library);
}

static void examine_place(struct examination *examination)
{
	const char *preload = getenv("LD_PRELOAD");
	char *here = realpath(".", NULL);

	if (access(".", W_OK) < 0)
		say(examination, ODD, here ? here : ".",
			"cannot be written to: images go to /tmp; name another place with "
			"LEAK_OPTIONS=output=DIR/leak.%e.%p.leak");
	else
		say(examination, FINE, here ? here : ".", "is where images go");
	if (preload && preload[0])
		say(examination, ODD, "LD_PRELOAD",
			"has something already: libleak.so is put in front of it");
	free(here);
}

static void examine_cores(struct examination *examination)
{
	struct rlimit limit = {0};

	getrlimit(RLIMIT_CORE, &limit);
	if (limit.rlim_cur == 0)
		say(examination, ODD, "ulimit -c",
			"is 0: a crash leaves no core (its image is there all the same); "
			"ulimit -c unlimited");
	else
		say(examination, FINE, "ulimit -c", "allows cores");
}

int cmd_doctor(struct settings *settings)
{
	struct examination examination = {
		.settings = settings, .color = command_color(settings, STDOUT_FILENO)};

	examine_library(&examination);
	for (size_t i = 0; i < settings->operands.count && i < 1; i++)
		examine_program(&examination, settings->operands.texts[i]);
	examine_place(&examination);
	examine_cores(&examination);
	if (examination.impossible)
		return EXIT_NOT_MEASURED;
	if (!settings->quiet && settings->operands.count)
		printf("next: leak run %s\n", settings->operands.texts[0]);
	return EXIT_OK;
}
