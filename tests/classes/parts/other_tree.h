/* A tree of 127 blocks that is lost with its root. Blocks from one slab: the first of them is where the
 * allocator's own descriptions of the slab point. */
#include <stdlib.h>

struct node {
	struct node *left, *right;
	long depth;
};

static __attribute__((noinline)) struct node *grow(long depth)
{
	struct node *node = malloc(sizeof(*node));

	node->depth = depth;
	node->left = depth ? grow(depth - 1) : NULL;
	node->right = depth ? grow(depth - 1) : NULL;
	return node;
}

/* Zeros over what the calls before left on the stack. */
static __attribute__((noinline)) void wipe(void)
{
	volatile char stack[16384];

	for (size_t i = 0; i < sizeof(stack); i++)
		stack[i] = 0;
}

static __attribute__((noinline)) void plant(void)
{
	struct node *volatile root = grow(6);

	root = NULL;
}

int main(void)
{
	plant();
	wipe();
	return 0;
}
