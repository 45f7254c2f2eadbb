// What pthread key destructors and thread_local destructors allocate and free is recorded exactly.
// pitfall: P42 F8
// flags: -lpthread
// expect: state=clean not_recorded.unknown_frees=0 not_recorded.dropped_events=0
// expect: site function=key_destructor line=16 bytes=500 blocks=50
// expect: nosite function=work
#include <pthread.h>
#include <stdlib.h>

static pthread_key_t key;
static void *volatile last;

static void key_destructor(void *value)
{
	free(value);
	last = malloc(10);
}

struct holder {
	void *block = nullptr;
	~holder()
	{
		free(block);
		free(malloc(7));
	}
};

static thread_local holder held;

static void *work(void *unused)
{
	held.block = malloc(100);
	pthread_setspecific(key, malloc(200));
	return unused;
}

int main()
{
	pthread_key_create(&key, key_destructor);
	for (int i = 0; i < 50; i++) {
		pthread_t thread;

		pthread_create(&thread, nullptr, work, nullptr);
		pthread_join(thread, nullptr);
	}
	return 0;
}
