// free(NULL) is not counted, as valgrind does not; malloc(0) is a block of 0 bytes.
// flags: -fno-builtin
// expect: state=clean totals.allocs=1 totals.frees=1 totals.allocated_bytes=0 live.blocks=0
// expect: not_recorded.unknown_frees=0
#include <stdlib.h>

int main(void)
{
	void *volatile null = NULL;
	void *volatile empty = malloc(0);

	for (int i = 0; i < 100; i++)
		free(null);
	free(empty);
	return 0;
}
