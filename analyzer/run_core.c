/*
 * Finds a child's core file, by the kernel's own rules (core(5)). Called by cmd_run.c after
 * waitpid. Does not find the core of a program that changed its directory.
 */
#define _GNU_SOURCE
#include "run_core.h"

#include "core_file.h"
#include "memory.h"

#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATTERN_MAX 128 /* the kernel's limit for core_pattern */

/* The first line of a file, "" when there is none. */
static void read_line(const char *path, char *room, int size)
{
	FILE *file = fopen(path, "re");

	if (file == NULL || fgets(room, size, file) == NULL)
		room[0] = '\0';
	room[strcspn(room, "\n")] = '\0';
	if (file)
		fclose(file);
}

static void read_pattern(char pattern[PATTERN_MAX + 1])
{
	read_line("/proc/sys/kernel/core_pattern", pattern, PATTERN_MAX + 1);
	if (pattern[0] == '\0')
		strcpy(pattern, "core");
}

/* Does the kernel hand cores to a program instead of writing files? */
static bool is_handed_over(const char *pattern)
{
	return pattern[0] == '|' || pattern[0] == '@';
}

static void add(char **text, const char *more)
{
	char *longer = memory_join(*text, more, "");

	free(*text);
	*text = longer;
}

static void add_number(char **text, int number)
{
	char digits[16];

	snprintf(digits, sizeof(digits), "%d", number);
	add(text, digits);
}

/* The names that the pattern may have given, as a pattern of glob(3), for the caller to free. What
 * we do not know of the process may be anything. */
static char *names_of(const char *pattern, int pid, int signal)
{
	char *names = memory_copy(""), uses_pid[8];
	bool has_pid = false;

	for (const char *at = pattern; *at; at++) {
		if (*at != '%') {
			if (strchr("*?[\\", *at))
				add(&names, "\\");
			add(&names, (char[]){*at, '\0'});
			continue;
		}
		switch (*++at) {
		case 'p':
			has_pid = true;
			/* fallthrough */
		case 'P':
			add_number(&names, pid);
			break;
		case 's':
			add_number(&names, signal);
			break;
		case '%':
			add(&names, "%");
			break;
		case '\0': /* the kernel drops a last percent sign */
			at--;
			break;
		default:
			add(&names, "*");
		}
	}
	read_line("/proc/sys/kernel/core_uses_pid", uses_pid, sizeof(uses_pid));
	if (!has_pid && strcmp(uses_pid, "1") == 0) {
		add(&names, ".");
		add_number(&names, pid);
	}
	return names;
}

static bool is_core_of(const char *path, int pid)
{
	struct core_file core;
	struct error error;
	bool is = core_file_open(&core, path, &error) == 0 && core.pid == pid;

	core_file_close(&core);
	return is;
}

char *run_core_find(int pid, int signal)
{
	char pattern[PATTERN_MAX + 1], *names, *found = NULL;
	glob_t matches;

	read_pattern(pattern);
	if (is_handed_over(pattern))
		return NULL;
	names = names_of(pattern, pid, signal);
	if (glob(names, GLOB_NOSORT, NULL, &matches) == 0) {
		for (size_t i = 0; i < matches.gl_pathc && found == NULL; i++)
			if (is_core_of(matches.gl_pathv[i], pid))
				found = memory_copy(matches.gl_pathv[i]);
		globfree(&matches);
	}
	free(names);
	return found;
}

char *run_core_hint(int pid)
{
	char pattern[PATTERN_MAX + 1], *hint;
	int length;

	read_pattern(pattern);
	if (is_handed_over(pattern) && strstr(pattern, "systemd"))
		length = asprintf(&hint,
			"its core went to systemd; next: coredumpctl dump %d -o core, and then "
			"leak report core",
			pid);
	else if (is_handed_over(pattern))
		length = asprintf(&hint,
			"its core went to what /proc/sys/kernel/core_pattern names (%s); next: "
			"leak report CORE, once you have it",
			pattern + 1);
	else
		length = asprintf(&hint,
			"its core is not found here; /proc/sys/kernel/core_pattern names it "
			"%s, from the directory that the program was in; next: leak report CORE",
			pattern);
	return length < 0 ? memory_copy("its core was dumped") : hint;
}
