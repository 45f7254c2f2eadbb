// Every form of operator new leaks one block under its own name; every delete form frees one.
// pitfall: P50 F5
// flags: -std=c++17 -fsized-deallocation
// expect: state=clean totals.frees=12
// expect: site function=keep line=24 bytes=101 blocks=1 allocator=operator_new
// expect: site function=keep line=25 bytes=102 blocks=1 allocator=operator_new
// expect: site function=keep line=26 bytes=103 blocks=1 allocator=operator_new
// expect: site function=keep line=27 bytes=104 blocks=1 allocator=operator_new
// expect: site function=keep line=28 bytes=105 blocks=1 allocator=operator_new[]
// expect: site function=keep line=29 bytes=106 blocks=1 allocator=operator_new[]
// expect: site function=keep line=30 bytes=107 blocks=1 allocator=operator_new[]
// expect: site function=keep line=31 bytes=108 blocks=1 allocator=operator_new[]
// expect: nosite function=drop
// expect: not_recorded.unknown_frees=0
#include <cstddef>
#include <new>

static const std::align_val_t wide = std::align_val_t(64);

static void keep()
{
	void *volatile block;

	block = operator new(101);
	block = operator new(102, std::nothrow);
	block = operator new(103, wide);
	block = operator new(104, wide, std::nothrow);
	block = operator new[](105);
	block = operator new[](106, std::nothrow);
	block = operator new[](107, wide);
	block = operator new[](108, wide, std::nothrow);
	(void)block;
}

static void drop()
{
	operator delete(operator new(10));
	operator delete(operator new(10), std::size_t(10));
	operator delete(operator new(10, std::nothrow), std::nothrow);
	operator delete(operator new(10, wide), wide);
	operator delete(operator new(10, wide), std::size_t(10), wide);
	operator delete(operator new(10, wide, std::nothrow), wide, std::nothrow);
	operator delete[](operator new[](10));
	operator delete[](operator new[](10), std::size_t(10));
	operator delete[](operator new[](10, std::nothrow), std::nothrow);
	operator delete[](operator new[](10, wide), wide);
	operator delete[](operator new[](10, wide), std::size_t(10), wide);
	operator delete[](operator new[](10, wide, std::nothrow), wide, std::nothrow);
	operator delete(nullptr);
	operator delete[](nullptr);
}

int main()
{
	keep();
	drop();
	return 0;
}
