// glibc's other functions work as before: mallopt, mallinfo2, malloc_trim, malloc_info and malloc_stats, and the totals
// are those of malloc and free.
// expect: state=clean live.blocks=0 not_recorded.unknown_frees=0
// differs: err
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void)
{
	char *text = NULL;
	size_t size = 0;
	struct mallinfo2 before, after;
	FILE *stream;
	void *blocks[100];

	if (!mallopt(M_MMAP_THRESHOLD, 1 << 20) || !mallopt(M_ARENA_MAX, 1))
		return 1;
	before = mallinfo2();
	for (int i = 0; i < 100; i++)
		blocks[i] = malloc(100000);
	after = mallinfo2();
	if (after.uordblks < before.uordblks + 100 * 100000 || after.hblkhd != before.hblkhd)
		return 2;
	for (int i = 0; i < 100; i++)
		free(blocks[i]);
	if (!malloc_trim(0))
		return 3;
	stream = open_memstream(&text, &size);
	if (malloc_info(0, stream) || fclose(stream) || !strstr(text, "<malloc version=\"1\">"))
		return 4;
	free(text);
	malloc_stats();
	return 0;
}
