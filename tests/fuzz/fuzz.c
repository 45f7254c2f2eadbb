/* What the harnesses have in common, see fuzz.h. */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct input input_of(const uint8_t *data, size_t size)
{
	return (struct input){data, data + size};
}

bool input_has(const struct input *input)
{
	return input->at < input->end;
}

uint64_t input_number(struct input *input, unsigned bytes)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < bytes && input->at < input->end; i++)
		value |= (uint64_t)*input->at++ << 8 * i;
	return value;
}

const uint8_t *input_bytes(struct input *input, size_t size, size_t *ret_size)
{
	const uint8_t *start = input->at;

	if (size > (size_t)(input->end - start))
		size = (size_t)(input->end - start);
	input->at += size;
	*ret_size = size;
	return start;
}

char *input_text(struct input *input, char stop)
{
	const uint8_t *start = input->at, *end;
	size_t left = (size_t)(input->end - start);

	end = left ? memchr(start, stop, left) : NULL;
	input->at = end ? end + 1 : input->end;
	return strndup((const char *)start, end ? (size_t)(end - start) : left);
}

uint8_t *input_rest(struct input *input, size_t *ret_size)
{
	const uint8_t *start = input_bytes(input, SIZE_MAX, ret_size);
	uint8_t *copy = malloc(*ret_size ? *ret_size : 1);

	if (copy == NULL)
		abort();
	if (*ret_size)
		memcpy(copy, start, *ret_size);
	return copy;
}

void fuzz_broken(const char *what, const char *file, int line)
{
	fprintf(stderr, "%s:%d: not kept: %s\n", file, line, what);
	abort();
}
