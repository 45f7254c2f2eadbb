// The leaks in C++.
#include "program.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

static struct at_start {
	at_start() { drop(new char[80]); }
} at_start;

namespace {

void in_no_namespace(int count)
{
	for (int i = 0; i < count; i++)
		drop(new long[10]);
}

struct node {
	node *next = nullptr;
	char room[100];
	static node *create(int size = 3) { return size ? new node : nullptr; }
};

} // namespace

namespace shapes {

struct shape {
	virtual ~shape() = default;
	virtual void draw(int count) = 0;
};

struct circle : shape {
	char *points = nullptr;
	void draw(int count) override { drop(points = new char[static_cast<size_t>(count) * 82]); }
};

struct square : shape {
	void draw(int) override
	{
		if (IS_NEW(8))
			drop(new char[9008]);
		drop(nullptr);
	}
};

} // namespace shapes

template <typename T> static void lose_array(size_t count)
{
	drop(new T[count]);
}

template <int N> struct buffer {
	char room[N];
	[[gnu::noinline]] static void lose() { drop(new buffer); }
};

[[gnu::noinline]] static void for_each(int count, const std::function<void(int)> &call)
{
	for (int i = 0; i < count; i++)
		call(i);
}

static void by_a_lambda(int count)
{
	auto lose = [](int size) { drop(new char[static_cast<size_t>(size)]); };

	lose(83 + count);
	if (IS_NEW(6)) {
		auto lose_more = [](int size) { drop(new char[static_cast<size_t>(size)]); };
		lose_more(9006);
	}
}

static void by_a_function_object(int count)
{
	int size = 85;

	for_each(count, [size](int i) { drop(new char[static_cast<size_t>(size + i)]); });
}

static void by_a_container()
{
	auto *numbers = new std::vector<int>(100);
	drop(numbers->data());
	numbers->push_back(1);
	drop(numbers);
}

static void by_a_string(int count)
{
	drop(new std::string(static_cast<size_t>(count) * 30, 'x'));
}

static void by_release()
{
	drop(std::make_unique<node>().release());
}

void lose_in_cxx(int count)
{
	std::unique_ptr<shapes::shape> shapes[2] = {
		std::unique_ptr<shapes::shape>(new shapes::circle),
		std::unique_ptr<shapes::shape>(new shapes::square)};

	in_no_namespace(count);
	drop(node::create());
	for (auto &shape : shapes)
		shape->draw(count);
	lose_array<short>(300);
	lose_array<long>(310);
	if (IS_NEW(7))
		lose_array<char>(9007);
	buffer<320>::lose();
	buffer<330>::lose();
	by_a_lambda(count);
	by_a_function_object(count);
	by_a_container();
	by_a_string(count);
	by_release();
}
