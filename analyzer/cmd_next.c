/*
 * Words the beginning of the next command. Called by the commands. An input whose name is not
 * printable cannot be typed: then there is no next command.
 */
#include "cmd_next.h"

#include "memory.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

#define INPUTS_MAX 8

/* Appends a blank and `word`, in quotes where a shell needs them. Takes over `line`. */
static char *add_word(char *line, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789._-/+@%:,=";
	bool quote = word[strspn(word, plain)] != '\0' || word[0] == '\0';
	char *quoted = memory_zero(strlen(word) * 4 + 4, 1), *out = quoted;

	*out++ = ' ';
	if (quote)
		*out++ = '\'';
	for (; *word; word++) {
		if (*word == '\'') {
			memcpy(out, "'\\''", 4);
			out += 4;
		} else {
			*out++ = *word;
		}
	}
	if (quote)
		*out++ = '\'';
	char *longer = memory_join(line, quoted, "");
	free(quoted);
	free(line);
	return longer;
}

static bool is_printable(const char *text)
{
	char *escaped = text_escape(text);
	bool same = strcmp(escaped, text) == 0;

	free(escaped);
	return same;
}

/* The images come in the order of their operands. */
static char *add_inputs(char *line, const struct settings *settings, const struct image_list *list,
	const bool *readable, size_t *ret_count)
{
	const char *last = NULL;

	*ret_count = 0;
	for (size_t i = 0; i < list->count; i++) {
		const char *input = settings->operands.count
					    ? settings->operands.texts[list->items[i].operand]
					    : list->items[i].path;
		if (!readable[i] || input == last)
			continue;
		line = add_word(line, input);
		last = input;
		(*ret_count)++;
	}
	return line;
}

char *cmd_next_report(const char *input)
{
	char *line = add_word(memory_copy("leak report"), input);

	if (is_printable(line))
		return line;
	free(line);
	return NULL;
}

char *cmd_next(const struct settings *settings, const struct image_list *list, const bool *readable)
{
	size_t inputs;
	char *line = memory_copy("leak report");

	line = add_inputs(line, settings, list, readable, &inputs);
	for (size_t i = 0; i < settings->again.count; i++)
		line = add_word(line, settings->again.texts[i]);
	if (inputs <= INPUTS_MAX && is_printable(line))
		return line;
	free(line);
	return NULL;
}
