// A lost tree: its root is definitely lost, all below it indirectly; a kept tree is reachable.
// classes: definite=48/1 indirect=288/6 reachable=336/7
#include "parts/far.h"

#include <stdlib.h>

struct node {
	struct node *left, *right;
	char payload[32];
};

static struct node *make(int depth)
{
	struct node *node = calloc(1, sizeof(*node));

	if (depth > 1) {
		node->left = make(depth - 1);
		node->right = make(depth - 1);
	}
	return node;
}

static struct node *kept;

static void work(void)
{
	kept = make(3);
	make(3);
}

int main(void)
{
	far_below(work);
	return 0;
}
