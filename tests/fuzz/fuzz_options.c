/*
 * The recorder's options (preload/options.c): the first byte says whether what follows is
 * LEAK_OPTIONS, or LeakSanitizer's, after LEAK_OPTIONS up to a byte 1. Every field stays within what
 * its kind allows, and every text ends.
 */
#include "fuzz.h"

#include "preload/options.h"

#include <stdlib.h>
#include <string.h>

#define CHECK_TEXT(name) PROMISE(memchr(options.name, '\0', OPTION_TEXT_MAX))
#define CHECK_FLAG(name) PROMISE(options.name <= 1)
#define CHECK_COUNT(name)
#define CHECK_SECONDS(name)
#define CHECK_PERCENT(name) PROMISE(options.name < 100)
#define CHECK_SIGNAL(name) PROMISE(options.name < 65)
#define CHECK_CHOICE(name) PROMISE(options.name < 8)
#define CHECK_WORDS(name) PROMISE(options.name < 256)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = input_of(data, size);
	bool lsan = input_number(&input, 1) & 1;
	char *first = input_text(&input, lsan ? '\1' : '\0'), *second = input_text(&input, '\0');

	options_read(first, false);
	if (lsan)
		options_read_lsan(second);
#define OPTION(name, kind, initial, help) CHECK_##kind(name);
#include "preload/options.def"
#undef OPTION
	PROMISE(options.depth > 0);
	free(first);
	free(second);
	return 0;
}
