// A pointer at an odd place, or in two halves, or mixed with another, keeps nothing.
// classes: definite=120/3
#include "parts/far.h"

#include <stdint.h>
#include <stdlib.h>

static struct __attribute__((packed)) {
	uint32_t before;
	void *pointer;
	uint32_t after;
} odd __attribute__((aligned(8)));

static uint64_t halves[2], mixed;

static void work(void)
{
	odd.pointer = malloc(40);
	uint64_t word = (uint64_t)malloc(40);
	halves[0] = word & 0xffffffff;
	halves[1] = word >> 32;
	mixed = (uint64_t)malloc(40) ^ (uint64_t)malloc;
}

int main(void)
{
	far_below(work);
	return 0;
}
