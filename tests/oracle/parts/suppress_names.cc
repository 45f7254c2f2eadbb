// Functions that valgrind and the linker call differently, and every allocator: each block has a
// size of its own.
#include <cstdlib>
#include <cstring>
#include <dirent.h>
#include <glob.h>
#include <malloc.h>
#include <new>
#include <pthread.h>
#include <regex.h>
#include <search.h>
#include <stdio.h>
#include <string>
#include <unistd.h>
#include <vector>
#include <wordexp.h>

static void *volatile sink;

#define NOINLINE __attribute__((noinline))
#define INLINE __attribute__((always_inline))

static INLINE inline void lose(void *block)
{
	sink = block;
	sink = nullptr;
}

namespace outer {
template <typename T> struct Box {
	INLINE void put(int size) { lose(malloc(size)); }
	INLINE static void store(const T &, int size) { lose(malloc(size)); }
};
namespace {
INLINE inline void hidden(int size)
{
	lose(malloc(size));
}
NOINLINE void hidden_call(int size)
{
	lose(malloc(size));
}
} // namespace
} // namespace outer

static NOINLINE void local(int size)
{
	lose(malloc(size));
}

struct Kinds {
	void *kept;
	NOINLINE explicit Kinds(int size) : kept(malloc(size)) {}
	NOINLINE ~Kinds() { kept = nullptr; lose(malloc(110)); }
};

__attribute__((constructor)) static void early()
{
	lose(malloc(111));
}
struct Global {
	Global() { lose(malloc(112)); }
} global;

extern "C" {
NOINLINE void by_posix_memalign()
{
	void *block;
	if (posix_memalign(&block, 64, 201) == 0)
		lose(block);
}
NOINLINE void by_memalign() { lose(memalign(64, 202)); }
NOINLINE void by_aligned_alloc() { lose(aligned_alloc(64, 192)); }
NOINLINE void by_valloc() { lose(valloc(204)); }
NOINLINE void by_reallocarray() { lose(reallocarray(nullptr, 1, 205)); }
NOINLINE void by_reallocarray_again() { lose(reallocarray(malloc(3), 1, 206)); }
NOINLINE void by_realloc() { lose(realloc(nullptr, 207)); }
NOINLINE void by_realloc_again() { lose(realloc(malloc(3), 208)); }
NOINLINE void by_calloc() { lose(calloc(1, 209)); }
}

NOINLINE void by_new()
{
	const std::align_val_t line = std::align_val_t(64);

	lose(operator new(301));
	lose(operator new[](302));
	lose(operator new(303, std::nothrow));
	lose(operator new[](304, std::nothrow));
	lose(operator new(305, line));
	lose(operator new[](306, line));
	lose(operator new(307, line, std::nothrow));
	lose(operator new[](308, line, std::nothrow));
}

NOINLINE void by_containers()
{
	auto *numbers = new std::vector<int>;
	numbers->resize(100);
	lose(numbers);
	lose(new std::string(401, 'x'));
	auto lambda = [](int size) INLINE { lose(malloc(size)); };
	lambda(403);
}

static void *thread(void *)
{
	lose(malloc(501));
	return nullptr;
}

static int order(const void *one, const void *other)
{
	return one < other ? -1 : one > other;
}

NOINLINE void by_libc()
{
	char *text = nullptr;
	size_t size = 0;
	FILE *file = fopen("/etc/passwd", "r");
	void *tree = nullptr;
	regex_t *pattern = (regex_t *)malloc(sizeof(*pattern));
	glob_t paths;
	wordexp_t words;
	struct hsearch_data table = {};
	struct dirent **entries;

	lose(strdup("strdup"));
	if (asprintf(&text, "%s", "asprintf") > 0)
		lose(text);
	text = nullptr;
	if (getline(&text, &size, file) > 0)
		lose(text);
	lose(file);
	lose(opendir("/"));
	lose(getcwd(nullptr, 0));
	lose(realpath("/", nullptr));
	lose(tsearch("key", &tree, order));
	regcomp(pattern, "a(b|c)*[x-z]+", REG_EXTENDED);
	lose(pattern);
	if (glob("/etc*", 0, nullptr, &paths) == 0)
		lose(paths.gl_pathv);
	if (wordexp("one two $HOME", &words, 0) == 0)
		lose(words.we_wordv);
	hcreate_r(10, &table);
	lose(fdopen(dup(2), "w"));
	if (scandir("/", &entries, nullptr, alphasort) > 0)
		lose(entries);
}

static NOINLINE void run()
{
	pthread_t id;
	outer::Box<long> box;

	box.put(101);
	outer::Box<std::string>::store("", 102);
	outer::hidden(103);
	outer::hidden_call(104);
	local(105);
	{
		Kinds kinds(106);
	}
	by_posix_memalign();
	by_memalign();
	by_aligned_alloc();
	by_valloc();
	by_reallocarray();
	by_reallocarray_again();
	by_realloc();
	by_realloc_again();
	by_calloc();
	by_new();
	by_containers();
	by_libc();
	if (pthread_create(&id, nullptr, thread, nullptr) == 0)
		pthread_join(id, nullptr);
}

/* Of pointers. */
static NOINLINE void clear_stack()
{
	volatile char room[16384];
	memset((void *)room, 0, sizeof(room));
}

int main()
{
	run();
	clear_stack();
	return 0;
}
