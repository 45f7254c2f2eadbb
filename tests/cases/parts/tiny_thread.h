/* A function on a thread whose stack is as small as they get: 16 KiB. */
#include <pthread.h>
#include <stddef.h>

static void *tiny_thread_body(void *function)
{
	(*(void (**)(void))function)();
	return NULL;
}

/* Runs it to its end. 0, or what could not be made. */
static int in_tiny_thread(void (*function)(void))
{
	pthread_attr_t attributes;
	pthread_t thread;

	pthread_attr_init(&attributes);
	if (pthread_attr_setstacksize(&attributes, 16384))
		return 1;
	if (pthread_create(&thread, &attributes, tiny_thread_body, &function))
		return 2;
	return pthread_join(thread, NULL);
}
