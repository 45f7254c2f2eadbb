// The program that suppressions are tried on: each of its blocks has a size of its own.
#include <cstdlib>
#include <cstring>

void *volatile sink;
void *volatile kept[2];

extern "C" {
void plain_run(void);
void plugin_run(void);
}

#define NOINLINE __attribute__((noinline))

namespace outer {
namespace inner {
struct Widget {
	char room[3001];
	NOINLINE static Widget *make() { return new Widget; }
	NOINLINE void *part(int size, const char *) { return new char[size]; }
};
template <typename T> NOINLINE void *many(int count)
{
	return new T[count];
}
} // namespace inner
} // namespace outer

namespace {
NOINLINE void *hidden()
{
	return malloc(3007);
}
} // namespace

struct Base {
	virtual void *get() = 0;
	virtual ~Base() {}
};
struct Derived : Base {
	NOINLINE void *get() override { return malloc(3011); }
};
struct Op {
	NOINLINE void *operator()(int size) const { return malloc(size); }
};

NOINLINE void keep_reachable()
{
	kept[0] = malloc(4001);
}

NOINLINE void keep_interior()
{
	kept[1] = (char *)malloc(4003) + 100;
}

static NOINLINE void clear()
{
	volatile char room[8192];
	memset((void *)room, 0, sizeof(room));
}

static void lose(void *block)
{
	sink = block;
	sink = nullptr;
}

NOINLINE void run()
{
	outer::inner::Widget *nobody = nullptr;
	Derived derived;
	auto lambda = [](int size) NOINLINE { return malloc(size); };

	plain_run();
	plugin_run();
	lose(outer::inner::Widget::make());
	lose(nobody->part(3003, "x"));
	lose(outer::inner::many<long>(376));
	lose(outer::inner::many<char>(3009));
	lose(hidden());
	lose(static_cast<Base &>(derived).get());
	lose(Op()(3013));
	lose(lambda(3015));
	keep_reachable();
	keep_interior();
}

int main()
{
	run();
	clear();
	return 0;
}
