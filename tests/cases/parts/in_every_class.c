/* in_every_class HOW: has blocks of every class, most of them kept where a reader of the process must
 * know its way: in thread-local variables, stacks, registers' place on them, mappings. Then it ends by
 * HOW: exit, abort, crash; or says "ready" and waits for a line on stdin, after which it has lost one
 * block more (lose) and says "ready" again. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

void __lsan_ignore_object(const void *) __attribute__((weak));
void __lsan_register_root_region(const void *, size_t) __attribute__((weak));

struct node {
	struct node *next;
	char room[40];
};

static pthread_barrier_t barrier;
static void *volatile global, *volatile inside;
static __thread void *volatile of_thread;
static void **read_only;

static __attribute__((noinline)) void clear(void)
{
	char dead[16384];

	memset(dead, 0, sizeof(dead));
	__asm__ volatile("" : : "r"(dead) : "memory");
}

static __attribute__((noinline)) void lose(void)
{
	for (int i = 0; i < 10; i++) {
		void *volatile *volatile lost = calloc(1, 50);

		*lost = malloc(60);
		lost = NULL;
	}
	struct node *volatile one = calloc(1, sizeof(*one)), *volatile other = calloc(1, sizeof(*other));
	one->next = other;
	other->next = one;
	one = other = NULL;
	void *volatile large = malloc(300000);
	large = NULL;
}

static __attribute__((noinline)) void lose_more(void)
{
	void *volatile lost = malloc(66);

	lost = NULL;
}

static __attribute__((noinline)) void ignore(void)
{
	void *volatile *volatile block = calloc(1, 80);

	*block = malloc(90);
	if (__lsan_ignore_object)
		__lsan_ignore_object((void *)block);
	block = NULL;
}

static __attribute__((noinline)) void keep(void)
{
	void **memory = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	void **shared = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	global = malloc(77);
	inside = (char *)malloc(88) + 8;
	memory[3] = malloc(99);
	shared[3] = malloc(101);
	read_only = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	read_only[3] = malloc(102);
	mprotect(read_only, 8192, PROT_READ);
	if (__lsan_register_root_region)
		__lsan_register_root_region(read_only, 4096);
}

/* What it had on its stack, which libc keeps for the next thread, is lost. */
static void *short_lived(void *argument)
{
	void *volatile kept[20];

	for (int i = 0; i < 20; i++)
		kept[i] = malloc(33);
	return argument;
}

static void *long_lived(void *argument)
{
	void *volatile mine = malloc(222);

	of_thread = malloc(111);
	lose();
	clear();
	pthread_barrier_wait(&barrier);
	for (;;)
		pause();
	return mine;
}

static __attribute__((noinline)) void end(const char *how)
{
	char line[10];

	if (strcmp(how, "exit") == 0)
		exit(0);
	if (strcmp(how, "abort") == 0)
		abort();
	if (strcmp(how, "crash") == 0)
		*(volatile int *)16 = 1;
	write(1, "ready\n", 6);
	read(0, line, 1);
	lose_more();
	clear();
	write(1, "ready\n", 6);
	read(0, line, 1);
}

int main(int argc, char **argv)
{
	pthread_t threads[3];

	/* The last is made from the stack that the one before has left. */
	pthread_create(&threads[0], NULL, short_lived, NULL);
	pthread_create(&threads[1], NULL, short_lived, NULL);
	pthread_join(threads[0], NULL);
	pthread_join(threads[1], NULL);
	pthread_barrier_init(&barrier, NULL, 2);
	pthread_create(&threads[2], NULL, long_lived, NULL);
	keep();
	ignore();
	clear();
	pthread_barrier_wait(&barrier);
	usleep(100000);
	end(argc > 1 ? argv[1] : "exit");
	return 0;
}
