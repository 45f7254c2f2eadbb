/* A thread that does the operations, and what is its own. */
#ifndef LEAK_TESTS_MODEL_WORKER_H
#define LEAK_TESTS_MODEL_WORKER_H

#include "told.h"

#include <pthread.h>
#include <stdbool.h>

struct worker {
	pthread_t thread;
	bool runs;
	uint32_t number;
	uint64_t random, handler_random;
	uint32_t entries[MODEL_BLOCKS_EACH]; /* numbers of the blocks that this thread may touch */
	uint32_t count;
};

#endif
