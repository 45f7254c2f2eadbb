// In strict seccomp mode every system call but read and write kills: allocations go on.
// pitfall: P30
// expect: state=killed
#include <linux/seccomp.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static __attribute__((noinline)) void nest(int depth)
{
	void *volatile block = malloc(depth + 1);

	if (depth > 0)
		nest(depth - 1);
	free(block);
}

int main(void)
{
	free(malloc(60000)); /* the heap is there */
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) != 0)
		return 1;
	for (int i = 0; i < 100; i++)
		nest(50);
	if (write(1, "alive\n", 6) != 6)
		return 2;
	syscall(SYS_exit, 0);
	return 3;
}
