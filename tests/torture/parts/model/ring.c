#include "ring.h"

#define RING 256

static struct {
	_Atomic uint64_t turn;
	uint32_t value;
} ring[RING];
static _Atomic uint64_t ring_head, ring_tail;

void ring_start(void)
{
	for (uint64_t i = 0; i < RING; i++)
		atomic_store(&ring[i].turn, i);
}

bool ring_put(uint32_t value)
{
	uint64_t tail = atomic_load(&ring_tail);

	for (;;) {
		uint64_t turn = atomic_load(&ring[tail % RING].turn);

		if (turn < tail)
			return false;
		if (turn == tail && atomic_compare_exchange_weak(&ring_tail, &tail, tail + 1))
			break;
		if (turn > tail)
			tail = atomic_load(&ring_tail);
	}
	ring[tail % RING].value = value;
	atomic_store(&ring[tail % RING].turn, tail + 1);
	return true;
}

bool ring_get(uint32_t *ret)
{
	uint64_t head = atomic_load(&ring_head);

	for (;;) {
		uint64_t turn = atomic_load(&ring[head % RING].turn);

		if (turn < head + 1)
			return false;
		if (turn == head + 1 && atomic_compare_exchange_weak(&ring_head, &head, head + 1))
			break;
		if (turn > head + 1)
			head = atomic_load(&ring_head);
	}
	*ret = ring[head % RING].value;
	atomic_store(&ring[head % RING].turn, head + RING);
	return true;
}
