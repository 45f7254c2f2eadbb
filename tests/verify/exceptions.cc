// Exceptions thrown through frames that clean up by allocating, rethrown, nested, kept and thrown later.
// pitfall: P14
// needs: g++
// flags: -O2
// verify: events>=20000
// expect: state=clean not_recorded.partial_stacks=0
#include <cstdlib>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#define KEPT __attribute__((noinline))

static long caught;

struct cleaner {
	std::unique_ptr<std::string> held{new std::string(40, 'x')};
	~cleaner()
	{
		/* Runs while the exception is under way, called by the unwinder. */
		std::string copy = *held + "y";
		caught += copy.size() == 41;
	}
};

static KEPT void thrower(int depth, int kind)
{
	cleaner here;

	if (depth > 0) {
		thrower(depth - 1, kind);
		caught++;
		return;
	}
	switch (kind % 4) {
	case 0:
		throw std::runtime_error("a text that is too long for a short string");
	case 1:
		throw 42;
	case 2:
		throw std::vector<int>(100);
	default:
		try {
			thrower(0, 0);
		} catch (...) {
			std::throw_with_nested(std::logic_error("outer, and also too long to be short"));
		}
	}
}

static KEPT void rethrower(int depth, int kind)
{
	try {
		thrower(depth, kind);
	} catch (const std::runtime_error &error) {
		std::string copy(error.what());
		throw;
	} catch (const std::logic_error &) {
		std::exception_ptr kept = std::current_exception();
		std::rethrow_exception(kept);
	}
}

static KEPT void round(int i)
{
	try {
		rethrower(i % 7, i);
	} catch (const std::logic_error &error) {
		try {
			std::rethrow_if_nested(error);
		} catch (const std::exception &inner) {
			caught += std::string(inner.what()).size() > 10;
		}
	} catch (const std::exception &error) {
		caught += std::string(error.what()).size() > 10;
	} catch (...) {
		caught++;
	}
}

int main()
{
	std::exception_ptr from_thread;
	std::thread other([&] {
		try {
			thrower(5, 0);
		} catch (...) {
			from_thread = std::current_exception();
		}
		for (int i = 0; i < 300; i++)
			round(i);
	});

	other.join();
	for (int i = 0; i < 700; i++)
		round(i);
	try {
		std::rethrow_exception(from_thread);
	} catch (const std::exception &error) {
		caught += error.what()[0] == 'a';
	}
	return caught < 1000;
}
