/*
 * Chooses the frame of a stack that a developer should look at. Called by the verdict, by
 * aggregate and by the text renderer. A guess by module and source path: a library that somebody
 * builds under /usr/lib as their own work is taken for the system's.
 */
#include "model.h"

#include <string.h>

static bool starts_with_any(const char *text, const char *const *prefixes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strncmp(text, prefixes[i], strlen(prefixes[i])) == 0)
			return true;
	return false;
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

bool model_is_own(const struct module *module, const struct location *location)
{
	static const char *const library_sources[] = {
		"/usr/include/", "/usr/lib/", "/rustc/", "<built-in>"};
	static const char *const library_functions[] = {"std::", "__gnu_cxx::", "void std::",
		"alloc::", "core::", "<alloc::", "<core::", "<std::", "__rust_", "__rdl_",
		"operator new"};
	static const char *const start_functions[] = {"_start", "__libc_start"};

	if (!module->own)
		return false;
	if (location->file != NULL)
		return !starts_with_any(location->file, library_sources, COUNT(library_sources)) &&
		       !(location->directory && location->file[0] != '/' &&
			       starts_with_any(location->directory, library_sources,
				       COUNT(library_sources)));
	if (location->function != NULL)
		return !starts_with_any(
			       location->function, library_functions, COUNT(library_functions)) &&
		       !starts_with_any(
			       location->function, start_functions, COUNT(start_functions));
	return true;
}

static bool is_allocator(const struct location *location)
{
	static const char *const names[] = {"malloc", "calloc", "realloc", "reallocarray",
		"memalign", "posix_memalign", "aligned_alloc", "valloc", "pvalloc", "strdup",
		"strndup", "__strdup", "__strndup", "operator new", "xmalloc", "xcalloc",
		"xrealloc", "mmap", "mmap64", "sbrk", "__rust_alloc", "g_malloc", "g_malloc0"};

	if (location->function == NULL)
		return false;
	for (size_t i = 0; i < COUNT(names); i++) {
		size_t length = strlen(names[i]);
		if (strncmp(location->function, names[i], length) == 0 &&
			strchr("([", location->function[length])) /* also the final NUL */
			return true;
	}
	return false;
}

bool model_is_start_code(const struct location *location)
{
	static const char *const names[] = {"_start", "__libc_start_main", "__libc_start_call_main",
		"__libc_start_main_impl", "__libc_start_main@@GLIBC_2.34", "start_thread", "clone3",
		"__clone3", "__clone", "clone", "__GI___clone", "__start_context"};

	for (size_t i = 0; location->function && i < COUNT(names); i++)
		if (strcmp(location->function, names[i]) == 0)
			return true;
	return false;
}

/* What the dynamic loader does it does for another library: that one is worth more. */
static bool is_loader(const struct module *module)
{
	return strncmp(module->name, "ld-linux", 8) == 0 ||
	       strncmp(module->name, "ld-musl", 7) == 0;
}

/* What a whole stack of a stripped program ends in is its start code, not the program's work. */
static bool is_unnamed_start(const struct frame *frame, const struct module *module)
{
	return module->is_executable && frame->parent == 0 &&
	       !(frame->flags & (FRAME_TRUNCATED | FRAME_PARTIAL)) &&
	       !(frame->symbol && frame->symbol->locations[0].function);
}

/* A place in a stack; frame 0: none. */
struct spot {
	uint32_t frame;
	size_t location;
};

/* The innermost frame of the program's own, else `ret_other`: what comes next best. */
static struct spot find_own(
	const struct model *model, const struct site *site, struct spot *ret_other)
{
	struct spot with_line = {0}, plain = {0};

	for (uint32_t number = site->frame; number; number = model->frames[number].parent) {
		const struct frame *frame = &model->frames[number];
		const struct module *module = &model->modules[frame->module];
		const struct location unknown = {0};
		size_t count = frame->symbol ? frame->symbol->count : 1;

		for (size_t i = 0; i < count; i++) {
			const struct spot here = {number, i};
			const struct location *l =
				frame->symbol ? &frame->symbol->locations[i] : &unknown;
			if (model_is_own(module, l) &&
				(number == site->frame || !is_unnamed_start(frame, module)))
				return here;
			if (!with_line.frame && l->file && !is_loader(module) &&
				!model_is_start_code(l))
				with_line = here;
			if (!plain.frame && !is_allocator(l))
				plain = here;
		}
	}
	*ret_other = with_line.frame ? with_line
		     : plain.frame   ? plain
				     : (struct spot){site->frame, 0};
	return (struct spot){0};
}

uint32_t model_site_focus(const struct model *model, const struct site *site, size_t *location)
{
	struct spot other = {0}, own = find_own(model, site, &other);
	struct spot focus = own.frame ? own : other;

	*location = focus.location;
	return focus.frame;
}

bool model_site_is_own(const struct model *model, const struct site *site)
{
	struct spot other;

	return find_own(model, site, &other).frame != 0;
}
