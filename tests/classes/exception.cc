// An exception that is being handled at exit is possibly lost: the library points into its block.
// classes: possible=208/2
#include "parts/far.h"

#include <cstdlib>

struct payload {
	void *pointer;
	void *more[4];
};

static void leave()
{
	exit(0);
}

int main()
{
	try {
		throw payload{calloc(1, 40), {}};
	} catch (payload &) {
		far_below(leave);
	}
	return 0;
}
