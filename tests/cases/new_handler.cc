// Where there is no memory operator new calls the program's new handler until it helps, gives up or throws, in each
// form; what it got at last is one block, and what threw or returned nothing is none.
// expect: state=clean not_recorded.missed_frees=0 not_recorded.unknown_frees=0
// flags: -Wno-unused-result
// expect: site function=main line=37 allocator=operator_new bytes=64 blocks=1
// expect: sites=2
// launch: bash -c 'ulimit -v 600000; exec "$@"' -
#include <cstdlib>
#include <new>

static int calls;
static void *reserve;

static void give_up()
{
	if (++calls == 3)
		std::set_new_handler(nullptr);
}

int main()
{
	volatile std::size_t huge = std::size_t(1) << 40;
	std::set_new_handler(give_up);
	try {
		operator new(huge);
		return 1;
	} catch (const std::bad_alloc &) {
	}
	if (calls != 3)
		return 2;
	std::set_new_handler([] { throw 7; });
	try {
		operator new(huge, std::align_val_t(64));
		return 3;
	} catch (int seven) {
	}
	reserve = operator new(64);
	std::set_new_handler(nullptr);
	if (operator new[](huge, std::nothrow) || operator new(huge, std::align_val_t(256), std::nothrow))
		return 4;
	void *sized = operator new(100);
	operator delete(sized, std::size_t(100));
	sized = operator new[](100, std::align_val_t(128));
	operator delete[](sized, std::size_t(100), std::align_val_t(128));
	return 0;
}
