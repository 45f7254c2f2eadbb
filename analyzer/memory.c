/* Memory of the analyzer, which never comes back empty. Called from everywhere. */
#include "memory.h"

#include "error.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *must(void *memory)
{
	if (memory == NULL) {
		fputs("leak: out of memory; free some, or use --top and --older to ask for less\n",
			stderr);
		exit(EXIT_NOT_MEASURED);
	}
	return memory;
}

void *memory_zero(size_t count, size_t size)
{
	return must(calloc(count ? count : 1, size ? size : 1));
}

void *memory_resize(void *old, size_t count, size_t size)
{
	return must(reallocarray(old, count ? count : 1, size ? size : 1));
}

char *memory_copy(const char *text)
{
	return must(strdup(text));
}

char *memory_join(const char *one, const char *two, const char *three)
{
	size_t size = strlen(one) + strlen(two) + strlen(three) + 1;
	char *text = memory_zero(size, 1);

	snprintf(text, size, "%s%s%s", one, two, three);
	return text;
}

FILE *memory_stream(char **text, size_t *size)
{
	*text = NULL;
	*size = 0;
	return must(open_memstream(text, size));
}

void memory_stream_end(FILE *stream)
{
	must(fclose(stream) == 0 ? stream : NULL);
}

void *memory_grow(void *array, size_t *capacity, size_t needed, size_t size)
{
	if (needed <= *capacity)
		return array;
	size_t grown = *capacity ? *capacity : 16;
	while (grown < needed)
		grown = grown <= SIZE_MAX / 2 ? grown * 2 : needed;
	array = memory_resize(array, grown, size);
	*capacity = grown;
	return array;
}
