// A pointer that only the kernel has, or a file that is not mapped, keeps nothing.
// classes: definite=90/2
#include "parts/far.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static void write_away(int file, size_t size)
{
	void *volatile block = malloc(size);

	if (write(file, (void *)&block, sizeof(block)) != sizeof(block))
		exit(1);
}

static void work(void)
{
	int ends[2];

	if (pipe(ends))
		exit(1);
	write_away(ends[1], 40);
	write_away(open("file", O_RDWR | O_CREAT, 0600), 50);
}

int main(void)
{
	far_below(work);
	return 0;
}
