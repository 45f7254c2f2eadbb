// Exit from a destructor while an exception unwinds: the exception is possibly lost, others' blocks are kept.
// classes: possible=168/1 reachable=90/2
#include "parts/far.h"

#include <cstdlib>
#include <vector>

static void leave()
{
	exit(0);
}

struct leaves {
	~leaves() { far_below(leave); }
};

struct payload {
	long words[5];
};

static void throws()
{
	leaves local;
	void *volatile kept = malloc(40);

	if (kept)
		throw payload{};
}

int main()
{
	void *volatile kept = malloc(50);

	try {
		throws();
	} catch (payload &) {
		return kept == nullptr;
	}
	return 1;
}
