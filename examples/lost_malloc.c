/*
 * The plain leak: a function allocates, an early return forgets the block.
 *
 * expect: state=clean live.bytes=300 live.blocks=3 totals.allocs=6 totals.frees=3
 * expect: site function=parse_line line=12 bytes=300 blocks=3 allocator=malloc frame=main
 */
#include <stdlib.h>
#include <string.h>

static int parse_line(const char *line)
{
	char *copy = malloc(100);

	if (!copy)
		return -1;
	strncpy(copy, line, 99);
	copy[99] = 0;
	if (copy[0] == '#')
		return 0; /* a comment line: the copy is lost here */
	free(copy);
	return 1;
}

int main(void)
{
	static const char *const lines[] = {"# one", "two", "# three", "four", "# five", "six"};

	for (unsigned i = 0; i < sizeof lines / sizeof lines[0]; i++)
		parse_line(lines[i]);
	return 0;
}
