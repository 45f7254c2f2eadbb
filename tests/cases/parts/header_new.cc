// A library whose operator new keeps a header of its own before each block.
#include <cstddef>
#include <cstdlib>

void *operator new(std::size_t size)
{
	char *block = static_cast<char *>(std::malloc(size + 16));
	return block + 16;
}
static void release(void *block)
{
	if (block)
		std::free(static_cast<char *>(block) - 16);
}
void operator delete(void *block) noexcept { release(block); }
void operator delete(void *block, std::size_t) noexcept { release(block); }
