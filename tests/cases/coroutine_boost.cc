// Fibers of Boost.Context, on stacks with a guard page, allocate, throw and switch: each block has its stack, up
// to where the fiber begins.
// pitfall: P45
// needs: g++ libboost_context.so
// flags: -O1 -lboost_context
// verify: events>=900 partial<=900
// expect: state=clean not_recorded.dropped_events=0
// expect: site function=leaf bytes=3000 blocks=300 frame=branch
#include <boost/context/fiber.hpp>
#include <boost/context/protected_fixedsize_stack.hpp>
#include <stdexcept>

namespace context = boost::context;

static void *volatile last;

static __attribute__((noinline)) void leaf()
{
	last = ::operator new(10);
	asm volatile("");
}

static __attribute__((noinline)) void branch(int depth)
{
	if (depth > 0)
		branch(depth - 1);
	else
		leaf();
	asm volatile("");
}

int main()
{
	int caught = 0;

	for (int i = 0; i < 10; i++) {
		context::fiber fiber(std::allocator_arg, context::protected_fixedsize_stack(65536), [&](context::fiber &&back) {
			for (int n = 0; n < 30; n++) {
				branch(n % 7);
				try {
					throw std::runtime_error("thrown on a fiber");
				} catch (const std::exception &) {
					caught++;
				}
				back = std::move(back).resume();
			}
			return std::move(back);
		});
		while (fiber)
			fiber = std::move(fiber).resume();
	}
	return caught != 300;
}
