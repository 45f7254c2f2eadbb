// pitfall: P46
// realloc: NULL allocates, size 0 frees, failure keeps the old block, a move changes the site.
// flags: -fno-builtin -Wno-alloc-size-larger-than -Wno-use-after-free
// expect: state=clean totals.allocs=7 totals.frees=4 live.blocks=3 live.bytes=100150
// expect: totals.allocated_bytes=100282 not_recorded.unknown_frees=0
// expect: site function=main line=22 bytes=50 blocks=1 allocator=malloc
// expect: site function=main line=28 bytes=100000 blocks=1 allocator=realloc
// expect: site function=main line=31 bytes=100 blocks=1 allocator=realloc
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

int main(void)
{
	void *volatile null = NULL;
	volatile size_t zero = 0, huge = PTRDIFF_MAX;
	void *volatile block, *volatile failing, *volatile moving, *volatile wall;

	block = realloc(null, 10); /* alloc 1 */
	if (realloc(block, zero) != NULL) /* free 1 */
		return 1;
	failing = malloc(50);
	errno = 0;
	if (realloc(failing, huge) != NULL || errno != ENOMEM)
		return 2;
	moving = malloc(20); /* alloc 3 */
	wall = malloc(0); /* alloc 4: keeps `moving` from growing in place */
	moving = realloc(moving, 100000);
	free(wall); /* free 3 */
	wall = malloc(102); /* alloc 6 */
	wall = realloc(wall, 100);
	free(null);
	return failing == moving;
}
