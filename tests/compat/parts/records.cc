/* Loses in C++: with what is lost through it, in a thread, in a template; and uses much of libc. */
#include <cstdio>
#include <ctime>
#include <map>
#include <string>
#include <thread>
#include <vector>

struct node {
	std::string text;
	node *next;
};

template <class T> static T *make()
{
	return new T();
}

int main()
{
	for (int i = 0; i < 3; i++)
		make<node>()->text = "longer than what a string holds in itself";
	new int[10];
	auto numbers = new std::vector<int>(100);
	numbers = nullptr;
	std::map<int, int> squares;
	for (int i = 0; i < 10; i++)
		squares[i] = i * i;
	std::thread thread([] { new char[3]; });
	thread.join();
	time_t now = 0;
	printf("%zu %s\n", squares.size(), asctime(localtime(&now)));
	return numbers != nullptr;
}
