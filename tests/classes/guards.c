// Guards that the kernel puts into readable memory (MADV_GUARD_INSTALL; glibc's are at the end of stacks) look like
// pages that are swapped out, and are a signal for who reads them: the check goes around them.
// expect: state=clean
// classes: definite=70/1 reachable=1065110/5
#include "parts/far.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define PAGE 4096
#define INSTALL 102 /* Linux 6.13 */

static char *mapping, *large, *small;
static void *volatile lost;

/* Of four pages the second one is a guard, the third has a block's address. */
static void guard(char *at)
{
	memset(at, 0, 4 * PAGE);
	*(void **)(at + 2 * PAGE) = malloc(50);
	madvise(at + PAGE, PAGE, INSTALL);
}

static void work(void)
{
	mapping = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	small = aligned_alloc(PAGE, 4 * PAGE);
	large = aligned_alloc(PAGE, 1 << 20);
	guard(mapping);
	guard(small);
	guard(large);
	lost = malloc(70);
	lost = NULL;
}

int main(void)
{
	far_below(work);
	return 0;
}
