// Blocks that come from glibc by its inner names are past every hook: they are not in the totals, and freeing one
// the usual way is counted as what it is. One that is freed by its inner name is noticed when its address comes back.
// expect: state=clean live.blocks=0 totals.allocs=2 totals.frees=2
// expect: not_recorded.unknown_frees=1 not_recorded.missed_frees=1
// needs: gcc
#include <stdlib.h>

extern void *__libc_malloc(size_t), __libc_free(void *);

int main(void)
{
	void *volatile direct = __libc_malloc(100), *volatile block, *volatile again;

	free(direct);
	block = malloc(2000);
	__libc_free(block);
	again = malloc(2000);
	if (again != block)
		return 1;
	free(again);
	return 0;
}
