// Containers, smart pointers and functions of the C++ library keep what is in them, or lose it.
// classes: definite=288/1 indirect=2304/31 reachable=2592/32
// flags: -std=c++17
#include "parts/far.h"

#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

struct everything {
	std::vector<int *> vector;
	std::map<int, int *> map;
	std::list<int *> list;
	std::deque<int *> deque;
	std::unordered_map<int, int *> unordered;
	std::shared_ptr<int[10]> shared;
	std::unique_ptr<int[]> unique;
	std::function<int()> function;
};

static everything *fill()
{
	everything *all = new everything;
	long captured[4] = {};

	all->vector.push_back(new int[10]);
	for (int i = 0; i < 3; i++) {
		all->map[i] = new int[11];
		all->list.push_back(new int[12]);
		all->deque.push_front(new int[13]);
		all->unordered[i] = new int[14];
	}
	all->shared = std::shared_ptr<int[10]>(new int[10]);
	all->unique = std::make_unique<int[]>(20);
	all->function = [captured] { return static_cast<int>(captured[0]); };
	return all;
}

static everything *kept;

static void work()
{
	kept = fill();
	fill();
}

int main()
{
	far_below(work);
	return 0;
}
