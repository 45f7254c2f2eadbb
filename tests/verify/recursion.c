// Deep, mutual and many-way recursion: the same addresses at other places, stacks of thousands of frames
// that grow and shrink between events, in the main thread and in another.
// flags: -O1 -fno-optimize-sibling-calls -lpthread
// verify: events>=15000
// expect: state=clean not_recorded.partial_stacks=0 not_recorded.truncated_stacks=0
#include <pthread.h>
#include <stdlib.h>

#define KEPT __attribute__((noinline, noclone))

static KEPT void make(int size)
{
	void *volatile block = malloc((size_t)size + 1);

	free(block);
}

static KEPT int odd(int n);

static KEPT int even(int n)
{
	if (n % 16 == 0)
		make(n % 100);
	return n == 0 ? 1 : odd(n - 1) + 1;
}

static KEPT int odd(int n)
{
	if (n % 27 == 0)
		make(n % 100);
	return n == 0 ? 0 : even(n - 1) + 1;
}

/* Ackermann's function calls itself in three ways. */
static KEPT int ackermann(int m, int n)
{
	if (n % 7 == 0)
		make(m);
	if (m == 0)
		return n + 1;
	return n == 0 ? ackermann(m - 1, 1) : ackermann(m - 1, ackermann(m, n - 1));
}

static KEPT void tree(int depth)
{
	make(depth);
	if (depth == 0)
		return;
	tree(depth - 1);
	make(depth + 1);
	tree(depth - 1);
}

static void *all(void *depth)
{
	int sum = 0;

	for (int i = 1; i < 8; i++)
		sum += even(i * *(int *)depth / 8) + odd(i * 31);
	sum += ackermann(2, 60);
	tree(11);
	return sum > 0 ? depth : NULL;
}

int main(void)
{
	int deep = 9000, less = 3000;
	pthread_t thread;

	if (pthread_create(&thread, NULL, all, &less))
		return 1;
	pthread_join(thread, NULL);
	return all(&deep) == NULL;
}
