// The end is after destructors and exit handlers: what they free is gone, what they forget is lost.
// pitfall: P41 F6
// classes: definite=48/2
#include "parts/far.h"

#include <cstdlib>
#include <map>
#include <vector>

static std::vector<int> vector(100);
static std::map<int, std::vector<int>> map;
static void *freed, *forgotten;

struct forgets {
	void *pointer = malloc(24);
	~forgets() { pointer = nullptr; }
};

static forgets object;

static void at_exit()
{
	free(freed);
	forgotten = nullptr;
}

static void work()
{
	map[5].resize(50);
	freed = malloc(40);
	forgotten = malloc(24);
	atexit(at_exit);
}

int main()
{
	far_below(work);
	return 0;
}
