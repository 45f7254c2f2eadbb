/* Finding the real functions by reading the loaded objects' symbol tables, see real.h. */
#include <link.h>
#include <stdbool.h>

#include "preload/real.h"
#include "preload/elf.h"
#include "preload/find_object.h"
#include "preload/hook_table.h"

struct real real;
struct real_old real_old;

enum { KIND_NEEDED, KIND_OPTIONAL, KIND_CXX };

static const struct {
	const char *symbol;
	void **place;
	unsigned kind;
} hooks[] = {
#define HOOK(symbol, type, parameters, family, kind) {#symbol, (void **)&real.symbol, KIND_##kind},
#include "preload/hooks.def"
#undef HOOK
};

#define HOOKS (sizeof(hooks) / sizeof(hooks[0]))

static const struct {
	const char *symbol;
	void **place;
} old_hooks[] = {{"posix_spawn", (void **)&real_old.posix_spawn},
	{"posix_spawnp", (void **)&real_old.posix_spawnp},
	{"quick_exit", (void **)&real_old.quick_exit}};

#define OLD_HOOKS (sizeof(old_hooks) / sizeof(old_hooks[0]))

extern struct r_debug _r_debug __attribute__((weak));
extern ElfW(Dyn) _DYNAMIC[] __attribute__((visibility("hidden")));

static bool blocks_are_wide_apart, hidden, late, confined;

static struct link_map *first_map(void)
{
	return &_r_debug ? _r_debug.r_map : NULL;
}

static struct link_map *our_map(void)
{
	struct link_map *map = first_map();

	while (map && map->l_ld != _DYNAMIC)
		map = map->l_next;
	return map;
}

static void *find_in(const struct link_map *map, const char *symbol)
{
	return map->l_ld == _DYNAMIC ? NULL : elf_symbol(map->l_addr, map->l_ld, symbol);
}

static void *find_old_in(const struct link_map *map, const char *symbol)
{
	return map->l_ld == _DYNAMIC ? NULL : elf_old_symbol(map->l_addr, map->l_ld, symbol);
}

/* The first object of the namespace that we were loaded into, by dlmopen perhaps. */
static struct link_map *first_of_ours(void)
{
	struct found_object found;
	const struct link_map *map = NULL;

	if (our_map())
		return first_map();
	if (find_object((uintptr_t)_DYNAMIC, &found))
		map = found.link_map;
	while (map && map->l_prev)
		map = map->l_prev;
	return (struct link_map *)map;
}

/* In `map` and behind it, what was not found yet. */
static void resolve_from(struct link_map *start)
{
	struct link_map *map;
	size_t i;

	for (i = 0; i < HOOKS; i++) {
		for (map = start; map && !*hooks[i].place; map = map->l_next)
			*hooks[i].place = find_in(map, hooks[i].symbol);
	}
	for (i = 0; i < OLD_HOOKS; i++) {
		for (map = start; map && !*old_hooks[i].place; map = map->l_next)
			*old_hooks[i].place = find_old_in(map, old_hooks[i].symbol);
	}
}

/* Does an object that is loaded define one of these? */
static bool is_defined(const char *const symbols[], size_t count)
{
	for (struct link_map *map = first_map(); map; map = map->l_next) {
		for (size_t i = 0; i < count; i++) {
			if (find_in(map, symbols[i]))
				return true;
		}
	}
	return false;
}

void real_resolve(void)
{
	static const char *const shadows[] = {
		"__tsan_init", "__msan_init", "__dfsan_init", "__hwasan_init"};
	struct link_map *us = our_map(), *map;

	confined = is_defined(shadows, sizeof(shadows) / sizeof(shadows[0]));
	if (us)
		resolve_from(us->l_next);
	if (!real.malloc) {
		late = true;
		resolve_from(first_of_ours());
		return;
	}
	/* glibc's smallest chunk is 32 bytes; so are those of libstdc++'s operator new above it.
	 * But an allocator in front of us (in the executable, or preloaded earlier) packs as it
	 * likes. */
	for (map = first_map(); map && map != us; map = map->l_next) {
		if (find_in(map, "malloc")) {
			hidden = true;
			return;
		}
	}
	for (map = us ? us->l_next : NULL; map; map = map->l_next) {
		if (find_in(map, "malloc") != (void *)real.malloc)
			continue;
		blocks_are_wide_apart = find_in(map, "gnu_get_libc_version") != NULL;
		break;
	}
}

/*
 * The list is read without the loader's lock, which must not be taken in an allocation. What makes
 * this sound enough: the library that calls operator new is loaded, and so are those it needs; only
 * an unrelated dlclose in another thread could change the list under us, once in a process.
 */
void real_resolve_cxx(void)
{
	for (size_t i = 0; i < HOOKS; i++) {
		if (hooks[i].kind != KIND_CXX || *hooks[i].place)
			continue;
		for (struct link_map *map = first_map(); map && !*hooks[i].place; map = map->l_next)
			*hooks[i].place = find_in(map, hooks[i].symbol);
	}
}

void real_forget(uintptr_t start, uintptr_t end)
{
	for (size_t i = 0; i < HOOKS; i++) {
		uintptr_t at = (uintptr_t)*hooks[i].place;

		if (hooks[i].kind == KIND_CXX && at >= start && at < end)
			*hooks[i].place = NULL;
	}
}

bool real_is_late(void)
{
	return late;
}

bool real_is_confined(void)
{
	return confined;
}

bool real_hidden(void)
{
	return hidden;
}

/* As glibc 2.35 has it in link.h (r_debug_extended), where r_version is 2. */
struct namespaces {
	struct r_debug base;
	const struct namespaces *next;
};

/* The loader's own list, to which the program's dynamic section leads: _r_debug may be a copy in
 * the program, and then ends before it. Nothing is taken out of it again, but used again. */
unsigned real_namespaces(void)
{
	const ElfW(Dyn) *entry = first_map() ? first_map()->l_ld : NULL;
	const struct namespaces *first;
	unsigned count = 0;

	while (entry && entry->d_tag != DT_DEBUG)
		entry = entry->d_tag == DT_NULL ? NULL : entry + 1;
	first = entry ? (const void *)entry->d_un.d_ptr : NULL;
	if (!first || first->base.r_version < 2)
		return 0;
	for (const struct namespaces *other = first->next; other; other = other->next)
		count++;
	return count;
}

unsigned real_granule_shift(void)
{
	return blocks_are_wide_apart ? 5 : 4;
}
