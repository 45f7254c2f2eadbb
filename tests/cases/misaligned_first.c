// The first events of the program, of a thread and of a forked child come with the stack pointer off by 8.
// pitfall: P24
// flags: -lpthread
// env: MALLOC_ARENA_MAX=1
// expect: images=2
// expect: process 0 state=clean totals.allocs=9 totals.frees=8
// expect: process 1 live.blocks=0 totals.allocs=4 totals.frees=4
#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __x86_64__
static void *call_misaligned(void *function, void *first, void *second)
{
	void *result;

	__asm__ volatile("movq %%rsp, %%rbx\n\tandq $-16, %%rsp\n\tsubq $136, %%rsp\n\tcall *%1\n\tmovq %%rbx, %%rsp"
			: "=a"(result), "+r"(function), "+D"(first), "+S"(second)
			:
			: "rbx", "rcx", "rdx", "r8", "r9", "r10", "r11", "memory", "cc");
	return result;
}
#else
static void *call_misaligned(void *function, void *first, void *second)
{
	return ((void *(*)(void *, void *))function)(first, second);
}
#endif

/* One arena: glibc itself is killed by a movaps where it makes another. */
static void *allocate(void *unused)
{
	void *block = call_misaligned((void *)malloc, (void *)10, NULL);

	block = call_misaligned((void *)realloc, block, (void *)100000);
	call_misaligned((void *)free, block, NULL);
	block = call_misaligned((void *)calloc, (void *)10, (void *)10);
	call_misaligned((void *)free, block, NULL);
	block = call_misaligned((void *)aligned_alloc, (void *)64, (void *)64);
	call_misaligned((void *)free, block, NULL);
	return unused;
}

int main(void)
{
	pthread_t thread;
	int status;

	allocate(NULL);
	if (pthread_create(&thread, NULL, allocate, NULL) || pthread_join(thread, NULL))
		return 1;
	if (fork() == 0) {
		allocate(NULL);
		_exit(0);
	}
	wait(&status);
	return status;
}
