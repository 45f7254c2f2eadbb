/*
 * Blocks that libc makes for the caller: strdup, asprintf, getline. The first frame of our own code
 * is the one that lost them.
 *
 * expect: state=clean
 * expect: site function=keep_name line=17 bytes=60 blocks=10 allocator=malloc frame=main
 * expect: site function=read_line line=25 bytes=120 blocks=1
 * expect: site function=describe line=32 blocks=1
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *keep_name(const char *name)
{
	return strdup(name);
}

static long read_line(FILE *stream)
{
	char *line = NULL;
	size_t size = 0;

	return getline(&line, &size, stream);
}

static int describe(int count)
{
	char *text;

	return asprintf(&text, "%d names", count);
}

int main(void)
{
	char text[] = "one line\n";
	FILE *stream = fmemopen(text, sizeof text - 1, "r");

	if (!stream)
		return 1;
	for (int i = 0; i < 10; i++)
		keep_name("12345");
	if (read_line(stream) != 9 || describe(10) != 8)
		return 2;
	fclose(stream);
	return 0;
}
