/*
 * What valgrind's suppressions call functions. Called by what reads names, by the matcher, and by
 * what writes entries. As its storage.c (preferName), debuginfo.c (get_fnname_kind) and
 * vg_replace_malloc.c have it, in 3.19. It takes names from the symbol table, and those of inlined
 * calls from DWARF, without their scopes.
 */
#include "valgrind_names.h"

#include "memory.h"

#include <stdlib.h>
#include <string.h>

bool valgrind_prefers(const char *one, const char *other)
{
	size_t length = strcspn(one, "@"), others = strcspn(other, "@");

	if (length != others)
		return length && (length < others || others == 0);
	if ((one[length] == '@') != (other[others] == '@'))
		return one[length] == '@';
	return strcmp(one, other) < 0;
}

const char *valgrind_renamed(const char *symbol)
{
	static const char *const names[][2] = {{"_start", "(below main)"},
		{"__libc_start_main", "(below main)"}, {"__libc_start_call_main", "(below main)"},
		/* valgrind refuses the system call, and libc goes back to the older one. */
		{"clone3", "clone"}, {"__clone3", "clone"}};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(symbol, names[i][0]) == 0)
			return names[i][1];
	return symbol;
}

const char *valgrind_name(const struct location *location)
{
	return location->valgrind ? location->valgrind
	       : location->symbol ? location->symbol
				  : location->function;
}

char *valgrind_object(const struct module *module)
{
	char *path = module->path[0] == '/' ? realpath(module->path, NULL) : NULL;

	return path ? path : memory_copy(module->path);
}

/* What is below main, and constructors, has one name or another by valgrind's version; what starts
 * threads, by libc's. */
bool valgrind_ends_before(const struct module *module, const struct location *location)
{
	static const char start[] = "__libc_start_main";
	const char *name = valgrind_name(location);

	if (name == NULL || location->inlined)
		return false;
	name = valgrind_renamed(name);
	return strcmp(name, "(below main)") == 0 || strncmp(name, start, strlen(start)) == 0 ||
	       (strcmp(name, "clone") == 0 && !module->own);
}

const struct valgrind_allocator *valgrind_allocator(const char *symbol)
{
	/* clang-format off */
	static const struct valgrind_allocator allocators[] = {
		{"realloc", "malloc", {"malloc"}, "*alloc"}, /* of nothing */
		{"reallocarray", "realloc", {"realloc", "malloc"}, "*alloc*"},
		{"posix_memalign", "memalign", {NULL}, "posix_memalign"},
		{"aligned_alloc", "memalign", {"memalign"}, "*al*"},
		{"valloc", "memalign", {"memalign"}, "*al*"},
		{"pvalloc", "memalign", {"memalign"}, "*al*"},
		{"_ZnwmSt11align_val_t", "aligned_alloc", {NULL}, "_ZnwmSt11align_val_t"},
		{"_ZnwmSt11align_val_tRKSt9nothrow_t", "aligned_alloc", {NULL}, "_ZnwmSt11align_val_tRKSt9nothrow_t"},
		{"_ZnamSt11align_val_t", "aligned_alloc", {NULL}, "_ZnamSt11align_val_t"},
		{"_ZnamSt11align_val_tRKSt9nothrow_t", "aligned_alloc", {NULL}, "_ZnamSt11align_val_tRKSt9nothrow_t"},
	};
	/* clang-format on */

	for (size_t i = 0; i < sizeof(allocators) / sizeof(allocators[0]); i++)
		if (strcmp(symbol, allocators[i].symbol) == 0)
			return &allocators[i];
	return NULL;
}
