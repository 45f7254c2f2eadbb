// Mapped memory keeps blocks, as a private or shared mapping, of a file or of none; unmapped memory does not.
// classes: definite=104/2 reachable=224/5
#include "parts/far.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PAGES = 16, SIZE = PAGES * 4096 };

static void **map(int flags, int file)
{
	void **memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, flags, file, 0);

	if (memory == MAP_FAILED)
		exit(1);
	return memory;
}

static void work(void)
{
	int file = open("mapped", O_RDWR | O_CREAT | O_TRUNC, 0600);

	if (file < 0 || ftruncate(file, SIZE))
		exit(1);
	map(MAP_PRIVATE | MAP_ANONYMOUS, -1)[0] = malloc(40);
	map(MAP_SHARED | MAP_ANONYMOUS, -1)[SIZE / 8 - 1] = malloc(40);
	map(MAP_SHARED, file)[SIZE / 16] = malloc(48);
	map(MAP_PRIVATE, file)[1024] = malloc(48);
	close(file);

	void **partly = map(MAP_PRIVATE | MAP_ANONYMOUS, -1), **gone = map(MAP_SHARED | MAP_ANONYMOUS, -1);
	partly[511] = malloc(48);
	partly[512] = malloc(48);
	gone[600] = malloc(56);
	munmap(partly + 512, SIZE - 4096);
	munmap(gone, SIZE);
}

int main(void)
{
	far_below(work);
	return 0;
}
