// Guards in readable memory, and no /proc/self/pagemap to tell where: who has given up root's rights is not allowed
// to read it. The pages of each block are tried by a system call.
// classes: definite=70/1 reachable=16434/2
#include "parts/far.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#define PAGE 4096
#define INSTALL 102 /* Linux 6.13 */

static char *block;
static void *volatile lost;

static void work(void)
{
	block = aligned_alloc(PAGE, 4 * PAGE);
	memset(block, 0, 4 * PAGE);
	*(void **)(block + 2 * PAGE) = malloc(50);
	madvise(block + PAGE, PAGE, INSTALL);
	lost = malloc(70);
	lost = NULL;
}

int main(void)
{
	far_below(work);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	return getuid() == 0 && (setgid(65534) || setuid(65534));
}
