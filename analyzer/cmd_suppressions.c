/*
 * Reads the suppressions for some processes from all the places where they may be, and says on
 * stderr what is odd or wrong. Called by cmd_model.c.
 */
#define _GNU_SOURCE
#include "cmd_suppressions.h"

#include "command.h"
#include "memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int complain(const struct error *error)
{
	command_complain("", error->text);
	return -1;
}

static bool is_read(const struct suppressions *set, const char *path)
{
	for (size_t i = 0; i < set->file_count; i++)
		if (strcmp(set->files[i], path) == 0)
			return true;
	return false;
}

static int read_file(struct suppressions *set, const char *path)
{
	struct error error;

	if (is_read(set, path))
		return 0;
	return suppress_read(set, path, &error) < 0 ? complain(&error) : 0;
}

/* The value of suppressions= among LeakSanitizer's options, for the caller to free; NULL: none. */
static char *option_value(const char *options)
{
	static const char separators[] = " ,:\n\t\r", name[] = "suppressions=";

	while (options && *options) {
		options += strspn(options, separators);
		bool ours = strncmp(options, name, strlen(name)) == 0;
		const char *value = options + strcspn(options, "= ,:\n\t\r");
		value += *value == '=';
		char quote = *value == '"' || *value == '\'' ? *value++ : '\0';
		size_t length =
			quote ? strcspn(value, (char[]){quote, '\0'}) : strcspn(value, separators);
		if (ours && length)
			return strndup(value, length);
		options = value + length + (quote && value[length]);
	}
	return NULL;
}

/* An image may come from anybody: nothing is opened for it that could keep us waiting. */
static bool is_usable(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISREG(status.st_mode) && access(path, R_OK) == 0;
}

/* A file that was named when the program started: from where it did, or beside the program, as
 * LeakSanitizer looks for it. */
static int read_named(
	struct suppressions *set, const char *file, const char *directory, const char *exe)
{
	char *below = memory_join(directory, "/", file), *beside = memory_copy(exe);
	char *slash = strrchr(beside, '/');
	int result = 0;

	if (slash)
		slash[1] = '\0';
	char *near = memory_join(slash ? beside : "", file, "");
	const char *found = file[0] == '/' || (directory[0] == '\0' && is_usable(file)) ? file
			    : is_usable(below)                                          ? below
											: near;
	if (is_usable(found))
		result = read_file(set, found);
	else
		command_complain(file,
			"the program was told to have its suppressions there, and it cannot be "
			"read here: they are not applied");
	free(below);
	free(beside);
	free(near);
	return result;
}

static int read_of_process(struct suppressions *set, const struct process *process)
{
	struct error error;
	char *name;
	int result = 0;

	if (process->suppressions_file &&
		read_named(set, process->suppressions_file, process->cwd, process->exe) < 0)
		return -1;
	if (process->suppressions_text == NULL)
		return 0;
	name = memory_join("__lsan_default_suppressions of ", process->exe, "");
	if (!is_read(set, name) && suppress_parse(set, name, process->suppressions_text,
					   strlen(process->suppressions_text), &error) < 0)
		result = complain(&error);
	free(name);
	return result;
}

/* Those of the processes, else those of our own environment. */
static int read_of_processes(struct suppressions *set, const struct model *model)
{
	bool named = false;
	int result = 0;

	for (size_t i = 0; i < model->process_count && result == 0; i++) {
		result = read_of_process(set, &model->processes[i]);
		named = named || model->processes[i].suppressions_file;
	}
	char *file = named || result < 0 ? NULL : option_value(getenv("LSAN_OPTIONS"));
	if (file)
		result = read_file(set, file);
	free(file);
	return result;
}

static void say_files(const struct suppressions *set)
{
	for (size_t f = 0; f < set->file_count; f++) {
		size_t entries = 0;
		char text[80];
		for (size_t i = 0; i < set->count; i++)
			entries += set->items[i].file == set->files[f];
		snprintf(text, sizeof(text), "%zu suppression%s read", entries,
			entries == 1 ? "" : "s");
		command_complain(set->files[f], text);
	}
}

static void say_oddities(const struct suppressions *set)
{
	for (size_t i = 0; i < set->warning_count; i++)
		command_complain("", set->warnings[i]);
	for (size_t i = 0; i < set->count; i++) {
		const struct suppression *entry = &set->items[i];
		char text[600];
		if (!suppression_is_expired(entry))
			continue;
		snprintf(text, sizeof(text),
			"%.300s:%u: '%.100s' was meant to last until %s: is it still needed?",
			entry->file, entry->line, entry->name, entry->until);
		command_complain("", text);
	}
}

int cmd_suppressions_read(
	struct suppressions *set, const struct settings *settings, const struct model *model)
{
	static const char *const known[] = {".leak.supp", "lsan.supp"};

	for (size_t i = 0; i < settings->suppressions.count; i++)
		if (read_file(set, settings->suppressions.texts[i]) < 0)
			return -1;
	if (read_of_processes(set, model) < 0)
		return -1;
	for (size_t i = 0; i < 2 && !settings->no_default_suppressions; i++)
		if (access(known[i], F_OK) == 0 && read_file(set, known[i]) < 0)
			return -1;
	if (!settings->no_default_suppressions)
		suppress_add_built_in(set);
	if (!settings->quiet)
		say_oddities(set);
	if (settings->verbose)
		say_files(set);
	return 0;
}

int cmd_suppressions_check(const struct settings *settings)
{
	struct suppressions set;
	int result = 0;

	suppress_init(&set);
	for (size_t i = 0; i < settings->suppressions.count && result == 0; i++)
		result = read_file(&set, settings->suppressions.texts[i]);
	suppress_free(&set);
	return result;
}

bool cmd_suppressions_need_linker_names(const struct suppressions *set)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->items[i].format == SUPPRESSION_VALGRIND)
			return true;
	return false;
}
