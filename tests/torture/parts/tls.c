/* Allocates, with a thread-local array that is made when a thread first touches it. */
#include <stdlib.h>

static __thread char local[SIZE] = {1};

void *tls_work(size_t size)
{
	local[SIZE - 1]++;
	return malloc(size + local[0]);
}
