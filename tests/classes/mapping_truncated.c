// What was mapped of a file that is shorter now cannot be read; the rest keeps blocks.
// classes: definite=50/1 reachable=40/1
#include "parts/far.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { SIZE = 65536 };

static void work(void)
{
	int file = open("mapped", O_RDWR | O_CREAT | O_TRUNC, 0600);
	void **memory;

	if (file < 0 || ftruncate(file, SIZE))
		exit(1);
	memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	memory[5] = malloc(40);
	memory[SIZE / 16] = malloc(50);
	if (ftruncate(file, 4096))
		exit(1);
}

int main(void)
{
	far_below(work);
	return 0;
}
