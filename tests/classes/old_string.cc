// Strings of libstdc++'s old ABI point behind their head: kept, also inside a vector and when shared.
// classes: definite=8/1 indirect=65/1 reachable=263/4
// classes heuristics=none: definite=8/1 indirect=65/1 possible=215/3 reachable=48/1
// flags: -D_GLIBCXX_USE_CXX11_ABI=0
#include "parts/far.h"

#include <cstdlib>
#include <string>
#include <vector>

/* Never destroyed. */
static char memory[64] __attribute__((aligned(8)));
static char vector_memory[sizeof(std::vector<std::string>)] __attribute__((aligned(8)));

static void work()
{
	std::string *text = new (memory) std::string(50, 'a');
	new (memory + 8) std::string(*text);
	auto *texts = new (vector_memory) std::vector<std::string>(6);
	(*texts)[5] = std::string(70, 'b');
	(*texts)[2] = std::string("short");
	(*texts)[2].reserve(20);
	new std::string(40, 'c');
}

int main()
{
	far_below(work);
	return 0;
}
