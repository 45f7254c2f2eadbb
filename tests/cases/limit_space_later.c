// A program that limits its own address space to 1 GiB while it runs can still allocate.
// pitfall: P27
// expect: state=clean
// expect: site function=main bytes=1048576 blocks=1
#include <stdlib.h>
#include <sys/resource.h>

int main(void)
{
	struct rlimit limit = {1ul << 30, 1ul << 30};
	void *volatile block;

	if (setrlimit(RLIMIT_AS, &limit))
		return 2;
	block = malloc(1 << 20);
	return block == NULL;
}
