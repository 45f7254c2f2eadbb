// All 1024 thread-specific keys are the program's.
// pitfall: P21
// flags: -lpthread
// expect: state=clean
#include <pthread.h>
#include <stdlib.h>

int main(void)
{
	void *volatile block = malloc(10);
	pthread_key_t key;
	int count = 0;

	while (pthread_key_create(&key, NULL) == 0)
		count++;
	return block == NULL || count != 1024;
}
