/* A C++ library that throws, catches and leaks one object a round. */
#include <stdexcept>

struct lost {
	long fields[3];
};

static lost *volatile last;

static void refuse(int round)
{
	throw std::runtime_error(round % 2 ? "odd" : "even");
}

extern "C" int thrower_work(int rounds)
{
	int caught = 0;

	for (int round = 0; round < rounds; round++) {
		last = new lost();
		try {
			refuse(round);
		} catch (const std::runtime_error &error) {
			caught += error.what()[0] != 0;
		}
	}
	return caught;
}
