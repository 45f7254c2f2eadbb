/* Keeps a block in each way that there is, each made in a function of its own, then ends as it is
 * told: exit, abort, or wait (for a line, then it exits). */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>
#include <fcntl.h>

#define MAKER(name, size) \
	__attribute__((noinline)) void *name(void) { return malloc(size); }

MAKER(make_static, 101)
MAKER(make_global, 102)
MAKER(make_held, 103)
MAKER(make_in_register, 104)
MAKER(make_tls, 105)
MAKER(make_for_mapping, 106)
MAKER(make_inner, 107)
MAKER(make_entry, 108)
MAKER(make_session, 109)

void library_keep(void);
void library_keep_in_thread(void);

static void *kept_static[4];
struct { long number; void *block; } kept_global;
static __thread void *kept_tls[2];
static char *kept_inner;
static void **kept_session;
static volatile int ready;

struct node { struct node *next; long pad[2]; };
static struct node *kept_list;

struct tree { struct tree *left, *right; long key; };
static struct tree *kept_tree;

static void make_list(int count)
{
	for (int i = 0; i < count; i++) {
		struct node *node = malloc(sizeof(*node));

		node->next = kept_list;
		kept_list = node;
	}
}

static struct tree *make_tree(int depth)
{
	struct tree *tree = calloc(1, sizeof(*tree));

	if (depth) {
		tree->left = make_tree(depth - 1);
		tree->right = make_tree(depth - 1);
	}
	return tree;
}

static void map_pages(void)
{
	void **pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	pages[5] = make_for_mapping();
}

static void announce(void)
{
	__atomic_fetch_add(&ready, 1, __ATOMIC_SEQ_CST);
}

static __attribute__((noinline)) void holder(void)
{
	void *volatile held = make_held();

	(void)held;
	announce();
	for (;;)
		pause();
}

static void *hold(void *unused)
{
	prctl(PR_SET_NAME, "holds");
	kept_tls[1] = make_tls();
	library_keep_in_thread();
	holder();
	return unused;
}

/* No memory has the block's address. */
__attribute__((naked)) static void spin(void)
{
	__asm__("subq $8, %rsp\n\tcall make_in_register\n\tmovq %rax, %r12\n\tcall forget\n\t"
		"xorl %eax, %eax\n\txorl %ecx, %ecx\n\txorl %edx, %edx\n\txorl %esi, %esi\n\t"
		"xorl %edi, %edi\n\txorl %r8d, %r8d\n\txorl %r9d, %r9d\n\txorl %r10d, %r10d\n\t"
		"xorl %r11d, %r11d\n1:\tpause\n\tjmp 1b");
}

/* What malloc has left on the stack. */
__attribute__((noinline)) void forget(void)
{
	char room[8192];

	memset(room, 0, sizeof(room));
	__asm__ volatile("" : : "r"(room) : "memory");
	announce();
}

static void *turn(void *unused)
{
	prctl(PR_SET_NAME, "spins");
	spin();
	return unused;
}

static __attribute__((noinline)) void keep(void)
{
	kept_static[2] = make_static();
	kept_global.block = make_global();
	kept_inner = (char *)make_inner() + 4;
	kept_session = make_session();
	kept_session[3] = make_entry();
	make_list(100000);
	kept_tree = make_tree(9);
	map_pages();
	library_keep();
}

int main(int count, char **arguments)
{
	pthread_t thread;
	char line;

	keep();
	pthread_create(&thread, NULL, hold, NULL);
	pthread_create(&thread, NULL, turn, NULL);
	while (ready < 2)
		usleep(1000);
	if (count < 2 || strcmp(arguments[1], "exit") == 0)
		exit(0);
	if (strcmp(arguments[1], "abort") == 0)
		abort();
	fcntl(0, F_SETFL, O_NONBLOCK);
	puts("ready");
	fflush(stdout);
	while (read(0, &line, 1) != 1) {
		free(malloc(10)); /* is asked for a check here */
		usleep(50000);
	}
	exit(0);
}
