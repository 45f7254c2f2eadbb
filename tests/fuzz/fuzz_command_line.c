/*
 * The command lines of `leak` (analyzer/options.c) and `leak-valgrind` (cmd_valgrind_options.c): the
 * first two bytes say for which command, the rest are the arguments, each up to a newline. What
 * is noted for a next command is taken by it, too.
 */
#include "fuzz.h"

#include "analyzer/cmd_valgrind_options.h"
#include "analyzer/options.h"

#include <stdlib.h>
#include <string.h>

#define ARGUMENTS_MAX 64

static void read_leak(unsigned commands, bool stop, int count, char **arguments)
{
	struct settings settings, again;
	struct error error = {""};

	PROMISE(options_leading(count, arguments) <= count);
	options_init(&settings);
	int result = options_parse(&settings, count, arguments, commands, stop, &error);
	PROMISE(result == 0 || (result == -1 && error.text[0]));
	PROMISE(settings.operands.count <= (size_t)count);
	if (result == 0 && settings.again.count) {
		options_init(&again);
		PROMISE(options_parse(&again, (int)settings.again.count,
				(char **)settings.again.texts, commands, false, &error) == 0);
		options_free(&again);
	}
	options_free(&settings);
}

static void read_valgrind(char **arguments)
{
	struct valgrind_settings settings;
	struct error error = {""};
	int result = valgrind_settings_parse(&settings, arguments, &error);

	PROMISE(result == 0 || (result == -1 && error.text[0]));
	valgrind_settings_free(&settings);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = input_of(data, size);
	unsigned word = (unsigned)input_number(&input, 2);
	char *arguments[ARGUMENTS_MAX + 1];
	int count = 0;

	while (count < ARGUMENTS_MAX && input_has(&input))
		arguments[count++] = input_text(&input, '\n');
	arguments[count] = NULL;
	if (word & 0x8000)
		read_valgrind(arguments);
	else
		read_leak(word & FOR_ALL, word & 0x4000, count, arguments);
	while (count)
		free(arguments[--count]);
	return 0;
}
