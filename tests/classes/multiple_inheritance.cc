// A pointer to a base that is not the first keeps an object, if the object still has its virtual tables.
// classes: possible=56/1 reachable=160/3
// classes heuristics=none: possible=216/4
#include "parts/far.h"

#include <cstdint>
#include <cstdlib>
#include <cstring>

struct a {
	virtual ~a() {}
	virtual int f() { return 1; }
	uint64_t payload;
};

struct b {
	virtual ~b() {}
	virtual int g() { return 2; }
	uint64_t payload;
};

struct c {
	virtual ~c() {}
	virtual int h() { return 3; }
	uint64_t payload;
};

struct all : a, b, c {
	uint64_t payload;
};

struct virtually : virtual a, virtual b {
	uint64_t payload;
};

static b *second;
static c *third;
static void *of_virtual, *no_table;

static void work()
{
	second = new all;
	third = new all;
	of_virtual = static_cast<b *>(new virtually); /* 48 bytes */

	uint64_t *plain = static_cast<uint64_t *>(calloc(1, 56));
	memset(plain, 'x', 56);
	no_table = plain + 2;
	static_assert(sizeof(all) == 56 && sizeof(virtually) == 48, "as counted above");
}

int main()
{
	far_below(work);
	return 0;
}
