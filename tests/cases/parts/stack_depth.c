// How deep each kind of event writes into the stack, in bytes: `PATH EVENT BYTES`, the deepest of many.
// The stack below is painted before the event and looked at after it.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "functions.h"

#define PAINT 0x5aa5c33c0ff09669ull
enum { ROOM = 16 << 10 };

extern void bump_jump(size_t bytes) __attribute__((weak));
extern void *new_block(size_t size) __asm__("_Znwm");
extern void delete_block(void *block) __asm__("_ZdlPv");

static void *volatile block;
static volatile size_t size = 20;
static volatile unsigned sum;
static size_t deepest;

static __attribute__((noinline)) size_t depth_of(void (*event)(void))
{
	volatile uint64_t *top, *at;

	__asm__ volatile("mov %%rsp, %0" : "=r"(top));
	for (at = top - ROOM / 8; at < top; at++)
		*at = PAINT;
	event();
	for (at = top - ROOM / 8; *at == PAINT; at++)
		;
	return (size_t)((char *)top - (char *)at);
}

static __attribute__((noinline)) void measure(void (*event)(void))
{
	size_t depth = depth_of(event);

	if (depth > deepest)
		deepest = depth;
}

static void show(const char *path, const char *event)
{
	printf("%s %s %zu\n", path, event, deepest);
	deepest = 0;
}

// ---- the events ----

static void do_malloc(void)
{
	block = malloc(size);
}

static void do_free(void)
{
	free(block);
}

static void do_calloc(void)
{
	block = calloc(1, size);
}

static void do_realloc(void)
{
	block = realloc(block, size);
}

static void do_aligned(void)
{
	block = aligned_alloc(64, size);
}

static void do_posix_memalign(void)
{
	void *made;

	block = posix_memalign(&made, 64, size) == 0 ? made : NULL;
}

static void do_new(void)
{
	block = new_block(size);
}

static void do_delete(void)
{
	delete_block(block);
}

static void do_mmap(void)
{
	block = mmap(NULL, 8192, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void do_munmap(void)
{
	munmap(block, 8192);
}

static void do_munmap_half(void)
{
	munmap((char *)block + 4096, 4096);
}

static char strange[4096] __attribute__((aligned(64)));
static void *volatile strange_block = strange + 1024;

// A pointer that no allocator gave.
static void do_free_unknown(void)
{
	free(strange_block);
}

// ---- the fast path: the same events from the same places, again and again ----

// Now and then one of them finds that the image must grow, which is slow. So the fast path's is the
// least of what five runs of ten took at most, and the slow path's the greatest.
static void fast(const char *name, void (*before)(void), void (*event)(void), void (*after)(void))
{
	size_t least = SIZE_MAX, greatest = 0;

	for (int i = 0; i < 100; i++) {
		if (before)
			before();
		if (i % 10 == 0)
			deepest = 0;
		measure(event);
		if (after)
			after();
		if (i % 10 != 9 || i < 50)
			continue;
		least = deepest < least ? deepest : least;
		greatest = deepest > greatest ? deepest : greatest;
	}
	deepest = least;
	show("fast", name);
	deepest = greatest;
	show("slow", name);
}

static void fast_events(void)
{
	fast("malloc", NULL, do_malloc, do_free);
	fast("free", do_malloc, do_free, NULL);
	fast("calloc", NULL, do_calloc, do_free);
	fast("realloc", do_malloc, do_realloc, do_free);
	fast("aligned_alloc", NULL, do_aligned, do_free);
	fast("posix_memalign", NULL, do_posix_memalign, do_free);
	fast("new", NULL, do_new, do_delete);
	fast("delete", do_new, do_delete, NULL);
	size = 1000;
	fast("malloc_1000", NULL, do_malloc, do_free);
	fast("free_1000", do_malloc, do_free, NULL);
	size = 100000;
	fast("malloc_100000", NULL, do_malloc, do_free);
	fast("free_100000", do_malloc, do_free, NULL);
	size = 20;
	fast("free_unknown", NULL, do_free_unknown, NULL);
}

// ---- the slow path ----

// A new stack of known frames each time. The tables grow: the thread's, the tree's, the image.
static void right(unsigned bits, int depth, void (*event)(void));

static __attribute__((noinline)) void left(unsigned bits, int depth, void (*event)(void))
{
	if (depth == 0)
		measure(event);
	else if (bits & 1)
		right(bits >> 1, depth - 1, event);
	else
		left(bits >> 1, depth - 1, event);
	sum++;
}

static __attribute__((noinline)) void right(unsigned bits, int depth, void (*event)(void))
{
	if (depth == 0)
		measure(event);
	else if (bits & 1)
		right(bits >> 1, depth - 1, event);
	else
		left(bits >> 1, depth - 1, event);
	sum++;
}

static void turns(void (*event)(void), int depth)
{
	for (unsigned bits = 0; bits < 1u << depth; bits++)
		left(bits, depth, event);
}

// All from one place, so that the frames are known after the first round, the stacks after the second.
static void new_sites(const char *name, void (*event)(void), int depth)
{
	size_t round_depth[3];

	for (int round = 0; round < 3; round++) {
		turns(event, round ? depth : 3);
		round_depth[round] = deepest;
		deepest = 0;
	}
	deepest = round_depth[1];
	show("slow", name);
	deepest = round_depth[2];
	show("walk", name);
}

// Functions that were never called before: each is a new row of the step table.
#define CALL(n) static void call_##n(void (*event)(void)) { measure(event); sum++; }
#define NAME(n) call_##n,
FUNCTIONS(CALL)
static void (*const calls[])(void (*)(void)) = {FUNCTIONS(NAME)};

static void new_frames(void)
{
	static void (*const events[])(void) = {
		do_malloc, do_calloc, do_realloc, do_aligned, do_posix_memalign, do_new, do_mmap};

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		calls[i](events[i % (sizeof(events) / sizeof(events[0]))]);
	show("slow", "new_frame");
}

static __attribute__((noinline)) void dive(int depth, void (*event)(void))
{
	if (depth)
		dive(depth - 1, event);
	else
		measure(event);
	sum++;
}

static void deep_stacks(void)
{
	for (int depth = 0; depth < 20000; depth += 2 + depth / 2) {
		if (depth == 5)
			deepest = 0;
		dive(depth, do_malloc);
	}
	show("slow", "deep_stack");
}

// Memory at new places, for which the live index has no leaves; blocks of 1000 bytes take two slots.
static void new_heap(void)
{
	for (int i = 0; i < 30; i++) {
		bump_jump(i < 10 ? 0 : 1ul << i);
		if (i == 10)
			deepest = 0;
		measure(do_malloc);
	}
	show("slow", size < 511 ? "new_heap" : "new_heap_1000");
}

static void *library;
static void (*library_call)(void (*)(void (*)(void)), void (*)(void));

static void do_dlopen(void)
{
	library = dlopen("./libplugin.so", RTLD_NOW);
}

static void do_dlclose(void)
{
	dlclose(library);
}

static void library_events(void)
{
	for (int i = 0; i < 4; i++) {
		do_dlopen();
		*(void **)&library_call = dlsym(library, "call");
		library_call(measure, do_malloc);
		library_call(measure, do_realloc);
		do_dlclose();
	}
	show("slow", "new_library");
}

// Its code has been on a stack, so that the recorder knows it and must forget it.
static void library_ends(void)
{
	size_t closing = 0;

	for (int i = 0; i < 4; i++) {
		do_dlopen();
		*(void **)&library_call = dlsym(library, "call");
		library_call(measure, do_malloc);
		deepest = closing;
		measure(do_dlclose);
		closing = deepest;
	}
	show("slow", "dlclose");
	measure(do_dlopen);
	show("slow", "dlopen");
}

static void maps(void)
{
	for (int i = 0; i < 200; i++) {
		if (i == 2)
			deepest = 0;
		measure(do_mmap);
		measure(do_munmap_half);
		measure(do_munmap);
	}
	show("slow", "mmap");
}

// ---- a handler that allocates, after each instruction of a recorded event ----

static void on_step(int number)
{
	(void)number;
	measure(do_malloc);
}

static void do_stepped_malloc(void)
{
	__asm__ volatile("pushfq; orq $0x100, (%%rsp); popfq" ::: "cc", "memory");
	block = malloc(size);
	__asm__ volatile("pushfq; andq $~0x100, (%%rsp); popfq" ::: "cc", "memory");
}

static __attribute__((noinline)) void step_through(int depth)
{
	if (depth)
		step_through(depth - 1);
	else
		do_stepped_malloc();
	sum++;
}

static void handlers(void)
{
	struct sigaction action = {.sa_handler = on_step, .sa_flags = SA_ONSTACK}, before;
	stack_t stack = {.ss_size = 64 << 10};

	stack.ss_sp = mmap(NULL, stack.ss_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	sigaltstack(&stack, NULL);
	sigaction(SIGTRAP, &action, &before);
	for (int i = 0; i < 8; i++)
		step_through(i / 2);
	sigaction(SIGTRAP, &before, NULL);
	stack.ss_flags = SS_DISABLE;
	sigaltstack(&stack, NULL);
	show("slow", "in_handler");
}

// ---- threads ----

enum { THREADS = 150 };
static pthread_barrier_t together;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void *begin(void *event)
{
	pthread_mutex_lock(&mutex);
	measure((void (*)(void))event);
	pthread_mutex_unlock(&mutex);
	pthread_barrier_wait(&together);
	return NULL;
}

static void threads_begin(void (*event)(void), unsigned count)
{
	pthread_t threads[THREADS];

	pthread_barrier_init(&together, NULL, count);
	for (unsigned i = 0; i < count; i++)
		if (pthread_create(&threads[i], NULL, begin, (void *)event))
			exit(2);
	for (unsigned i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
}

// Many at once, so that their slots are searched for those of the dead. One before them, so that
// the frames are known.
static void thread_begins(const char *name, void (*event)(void))
{
	block = malloc(20);
	for (int round = 0; round < 2; round++) {
		deepest = 0;
		threads_begin(event, round ? THREADS : 1);
	}
	show("slow", name);
}

// A forked child's first event starts its recording.
static void child_begins(void)
{
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child == 0) {
		measure(do_malloc);
		show("child", "first_event");
		fflush(stdout);
		_exit(0);
	}
	waitpid(child, NULL, 0);
}

int main(void)
{
	static char buffer[8192];

	setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
	printf("fast none 0\n");
	fast_events();
	thread_begins("thread_malloc", do_malloc);
	thread_begins("thread_calloc", do_calloc);
	thread_begins("thread_realloc", do_realloc);
	thread_begins("thread_free", do_free);
	thread_begins("thread_new", do_new);
	new_sites("stack_malloc", do_malloc, 12);
	new_sites("stack_calloc", do_calloc, 8);
	new_sites("stack_realloc", do_realloc, 8);
	new_sites("stack_posix_memalign", do_posix_memalign, 8);
	new_sites("stack_new", do_new, 8);
	new_frames();
	deep_stacks();
	new_heap();
	size = 1000;
	new_heap();
	size = 20;
	library_events();
	library_ends();
	maps();
	new_sites("stack_mmap", do_mmap, 8);
	handlers();
	child_begins();
	return 0;
}
