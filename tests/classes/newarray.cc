// The newarray heuristic wants the count that new[] has written, and a size that is a multiple of it.
// classes: definite=8/1 possible=140/2 reachable=168/3
// classes heuristics=none: definite=8/1 possible=308/5
#include "parts/far.h"

#include <cstdint>
#include <cstdlib>

struct large {
	uint64_t payload[9];
	~large() { payload[0] = 0; }
};

struct small {
	uint8_t payload;
	~small() { payload = 0; }
};

static large *one, *none;
static small *many;
static uint64_t *by_hand, *wrong_count, *wrong_size;

static uint64_t *block(size_t size, uint64_t count)
{
	uint64_t *memory = static_cast<uint64_t *>(calloc(1, size));

	*memory = count;
	return memory + 1;
}

static void work()
{
	one = new large[1];
	many = new small[40];
	none = new large[0]; /* its elements would begin one past the end */
	by_hand = block(40, 4);
	wrong_count = block(80, 7);
	wrong_size = block(60, 0);
}

int main()
{
	far_below(work);
	return 0;
}
