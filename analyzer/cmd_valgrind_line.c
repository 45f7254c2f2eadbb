/*
 * Reads ~/.valgrindrc, VALGRIND_OPTS and ./.valgrindrc, in this order, as valgrind's
 * m_commandline.c does: words are apart by white space, quotes hold a word together, and there are
 * no comments. A file that others could have written is not read, nor is that of the working
 * directory when it is the home directory, or when there is none. Called by cmd_valgrind.c.
 */
#include "cmd_valgrind_line.h"

#include "command.h"
#include "memory.h"
#include "read_at.h"

#include <ctype.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX (1u << 20) /* bytes */

static void add(struct valgrind_line *line, char *argument)
{
	line->arguments = memory_grow(
		line->arguments, &line->capacity, line->count + 1, sizeof(*line->arguments));
	line->arguments[line->count++] = argument;
}

/* The file's text, NULL when it is not there or not to be read. */
static char *read_file(const char *path)
{
	char *text = NULL;
	struct stat status;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return NULL;
	if (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode) || status.st_uid != geteuid() ||
		status.st_mode & S_IWOTH) {
		command_complain(path, "not read, for it is no regular file, or everybody may "
				       "write it, or it is another user's");
	} else if (status.st_size > 0 && status.st_size <= FILE_MAX) {
		text = memory_zero((size_t)status.st_size + 1, 1);
		text[read_at(fd, text, (size_t)status.st_size, 0)] = '\0';
	}
	close(fd);
	return text;
}

/* Ends the word at `at`, without its quotes, and returns where the next one may begin. */
static char *end_word(char *at)
{
	char *to = at, quote = '\0';

	for (; *at && (quote || !isspace((unsigned char)*at)); at++)
		if (*at == quote)
			quote = '\0';
		else if (!quote && (*at == '\'' || *at == '"'))
			quote = *at;
		else
			*to++ = *at;
	if (*at)
		at++;
	*to = '\0';
	return at;
}

/* Adds the words of the text, which the line then owns. */
static int add_words(struct valgrind_line *line, const char *where, char *text, struct error *error)
{
	if (text == NULL)
		return 0;
	line->texts[line->text_count++] = text;
	for (char *at = text; *(at += strspn(at, " \t\n\v\f\r"));) {
		char *word = at;
		at = end_word(word);
		if (word[0] != '-')
			return error_set(error, "%s has '%s', which is no option", where, word);
		if (strcmp(word, "--") != 0)
			add(line, word);
	}
	return 0;
}

/* Whether the given options leave it at that. */
static bool is_alone(char **arguments)
{
	bool alone = false;

	for (; *arguments && (*arguments)[0] == '-' && strcmp(*arguments, "--") != 0; arguments++)
		if (strcmp(*arguments, "--command-line-only=yes") == 0)
			alone = true;
		else if (strcmp(*arguments, "--command-line-only=no") == 0)
			alone = false;
	return alone;
}

static int add_defaults(struct valgrind_line *line, struct error *error)
{
	static const char here[] = "./.valgrindrc";
	const char *home = getenv("HOME"), *options = getenv("VALGRIND_OPTS");
	char directory[PATH_MAX];

	if (home) {
		char *path = memory_join(home, "/", ".valgrindrc");
		int result = add_words(line, path, read_file(path), error);
		free(path);
		if (result < 0)
			return -1;
	}
	if (options && add_words(line, "VALGRIND_OPTS", memory_copy(options), error) < 0)
		return -1;
	if (home == NULL || getcwd(directory, sizeof(directory)) == NULL ||
		strcmp(home, directory) == 0)
		return 0;
	return add_words(line, here, read_file(here), error);
}

int valgrind_line_read(struct valgrind_line *line, char **arguments, struct error *error)
{
	*line = (struct valgrind_line){0};
	add(line, arguments[0]);
	if (!is_alone(arguments + 1) && add_defaults(line, error) < 0)
		return -1;
	while (*arguments)
		add(line, *++arguments);
	return 0;
}

void valgrind_line_free(struct valgrind_line *line)
{
	while (line->text_count)
		free(line->texts[--line->text_count]);
	free(line->arguments);
}
