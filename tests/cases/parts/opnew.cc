/* A library with an operator new of its own, bound to itself: neither it nor the recorder may mix. */
#include <cstdlib>
#include <new>

static char pool[1 << 16];
static unsigned used;

void *operator new(std::size_t size)
{
	void *block = pool + used;

	used += (size + 15) & ~15ul;
	return block;
}

void operator delete(void *block) noexcept
{
	if (block && ((char *)block < pool || (char *)block >= pool + sizeof pool))
		abort();
}

void operator delete(void *block, std::size_t) noexcept
{
	operator delete(block);
}

extern "C" int opnew_work(int rounds)
{
	int sum = 0;

	for (int i = 0; i < rounds; i++) {
		int *made = new int(i);

		sum += *made;
		delete made;
	}
	return sum;
}
