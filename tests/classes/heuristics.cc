// Each heuristic takes its kind of pointer into a block for one to its start, and no other kind;
// but what length64 takes is always one for newarray, too: one element of that many bytes.
// classes heuristics=all: reachable=352/4
// classes heuristics=none: possible=352/4
// classes heuristics=aligned: possible=352/4
// classes heuristics=stdstring: possible=304/3 reachable=48/1
// classes heuristics=length64: possible=248/3 reachable=104/1
// classes heuristics=newarray: possible=160/2 reachable=192/2
// classes heuristics=multipleinheritance: possible=240/3 reachable=112/1
// classes heuristics=stdstring+newarray: possible=112/1 reachable=240/3
// flags: -D_GLIBCXX_USE_CXX11_ABI=0
#include "parts/far.h"

#include <cstdint>
#include <cstdlib>
#include <string>

struct with_destructor {
	uint64_t payload;
	~with_destructor() { payload = 0; }
};

struct first {
	virtual ~first() {}
	uint64_t payload[4];
};

struct second {
	virtual ~second() {}
	uint64_t payload[4];
};

struct both : first, second {
	uint64_t payload[4];
};

static char text_memory[sizeof(std::string)] __attribute__((aligned(8)));
static uint64_t *length64;
static with_destructor *array;
static second *base;

static void work()
{
	new (text_memory) std::string(23, 'x'); /* and 24 bytes before, 1 behind */
	length64 = static_cast<uint64_t *>(calloc(1, 104));
	*length64++ = 96;
	array = new with_destructor[10]; /* and 8 bytes before */
	base = new both;
}

int main()
{
	far_below(work);
	return 0;
}
