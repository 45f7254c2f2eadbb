// A plugin with an operator new of its own.
#include <cstddef>
#include <cstdlib>

void *operator new(std::size_t size) { return std::malloc(size); }
void operator delete(void *block) noexcept { std::free(block); }
void operator delete(void *block, std::size_t) noexcept { std::free(block); }
extern "C" void own_work()
{
	int *volatile block = new int;
	delete block;
}
