/*
 * Names for the frames of a stack that are the same after a rebuild. Called by fingerprint.c and
 * baseline.c. What a compiler, a flag, or an edit elsewhere changes is left out:
 *
 * - addresses, lines, directories, versions of shared libraries ("libx.so.1.2" is "libx.so");
 * - frames of libraries: they are inlined or not, and an update of the library changes them;
 * - parameters and return types: gcc names functions without linkage by the plain name;
 * - the scope of local and unnamed things, for the same reason: what is in a function or an
 *   anonymous namespace goes by its last part, so every lambda is "operator()";
 * - what the compiler appends or makes by itself: clones, numbers of lambdas, thunks of lambdas,
 *   the functions that run constructors of a file;
 * - repetition: a function counts where it first occurs from the inside, so that recursion, also
 *   mutual, looks the same at every depth.
 *
 * Only the innermost name has its module: of functions that left no frame it is not known, and code
 * moves between a program and its libraries.
 */
#define _GNU_SOURCE
#include "frame_names.h"

#include "demangle.h"
#include "memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_MAX_BYTES 240 /* longer ones are cut, and told apart by a number */

static bool begins(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* Frames that come and go with the compiler and say nothing. */
static bool is_noise(const char *name)
{
	static const char *const whole[] = {
		"_start", "__libc_start_main", "__libc_start_call_main", "_FUN", "__invoke"};

	for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++)
		if (strcmp(name, whole[i]) == 0)
			return true;
	return begins(name, "_GLOBAL__sub_I_");
}

/* Behind "operator", which has characters that are brackets elsewhere. */
static const char *skip_operator(const char *at)
{
	at += strlen("operator");
	if (begins(at, "()") || begins(at, "[]"))
		return at + 2;
	return at + strspn(at, "<>=-*&|!^+/%~,");
}

/* Where the last part of the scope begins if the name is of something local to a function or to an
 * anonymous namespace, else 0. */
static size_t local_part(const char *name)
{
	size_t last = 0;
	int depth = 0;
	bool local = false, closed = false;

	for (const char *at = name; *at;) {
		if (begins(at, "operator") && depth == 0) {
			at = skip_operator(at);
			closed = false;
			continue;
		}
		if (depth == 0 && begins(at, "::")) {
			local = local || closed || begins(at, "::{lambda") || begins(at, "::$_");
			at += 2;
			last = (size_t)(at - name);
			continue;
		}
		depth += strchr("<({", *at) != NULL;
		depth -= depth && strchr(">)}", *at) != NULL;
		/* "f(int) const::" is a function's scope, too. */
		closed = *at == ')' || (closed && strchr(" const&", *at) != NULL);
		at++;
	}
	return local ? last : 0;
}

/* Cuts the digits behind every `mark`: "{lambda(int)#2}", "$_3". */
static void cut_numbers(char *name, const char *mark)
{
	for (char *at = name; (at = strstr(at, mark)) != NULL;) {
		at += strlen(mark);
		size_t digits = strspn(at, "0123456789");
		memmove(at, at + digits, strlen(at + digits) + 1);
	}
}

/* gcc's own spelling, where the symbol does not give a name, as the symbol would. */
static void spell_plainly(char *name)
{
	static const char *const words[][2] = {{"long unsigned int", "unsigned long"},
		{"short unsigned int", "unsigned short"}, {"long long int", "long long"},
		{"long int", "long"}, {"short int", "short"}, {"> >", ">>"}};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		for (char *at = name; (at = strstr(at, words[i][0])) != NULL;) {
			size_t old = strlen(words[i][0]), new = strlen(words[i][1]);
			memcpy(at, words[i][1], new);
			memmove(at + new, at + old, strlen(at + old) + 1);
		}
}

/* A function's name without what is not its own, for the caller to free. */
static char *function_name(const struct location *location)
{
	char *name = demangle_bare(location->symbol, location->function);

	demangle_strip(name);
	cut_numbers(name, "#");
	cut_numbers(name, "$_");
	spell_plainly(name);
	size_t part = local_part(name);
	memmove(name, name + part, strlen(name + part) + 1);
	if (begins(name, "__cxx_global_var_init") || begins(name, "__static_initialization_and_"))
		strcpy(name, "(static)"); /* shorter than either */
	return name;
}

/* "libx.so" of "libx.so.1.2", and what libtool runs before it is installed. */
static char *module_name(const struct module *module)
{
	char *name = memory_copy(begins(module->name, "lt-") ? module->name + 3 : module->name);
	char *version = strstr(name, ".so.");

	if (version != NULL)
		version[3] = '\0';
	return name;
}

static void cut_long(char *name)
{
	uint32_t hash = 2166136261u;

	if (strlen(name) <= NAME_MAX_BYTES)
		return;
	for (const char *at = name; *at; at++)
		hash = (hash ^ (unsigned char)*at) * 16777619u;
	size_t cut = NAME_MAX_BYTES - 9;
	while (cut && ((unsigned char)name[cut] & 0xc0) == 0x80) /* inside of a character */
		cut--;
	snprintf(name + cut, 10, "~%08" PRIx32, hash);
}

/* NULL: the frame is to be left out. */
static char *location_name(const struct module *module, const struct frame *frame,
	const struct location *location, bool first)
{
	char *name = NULL, *part = module_name(module);
	int length;

	if (location->function == NULL) {
		/* Code without a module has no lasting address. */
		length = frame->module ? asprintf(&name, "%s+0x%" PRIx64, part, frame->offset) : -1;
	} else {
		char *function = function_name(location);
		bool noise = is_noise(function);
		length = noise   ? 0
			 : first ? asprintf(&name, "%s!%s", part, function)
				 : asprintf(&name, "%s", function);
		free(function);
		if (noise) {
			free(part);
			return NULL;
		}
	}
	free(part);
	if (length < 0)
		return memory_copy("?");
	cut_long(name);
	return name;
}

static void add_name(struct frame_names *names, char *name, uint32_t line)
{
	bool there = name == NULL;

	for (size_t i = 0; i < names->count && !there; i++) {
		const char *module = i == 0 ? strchr(names->names[0], '!') : NULL;
		there = strcmp(module ? module + 1 : names->names[i], name) == 0;
	}
	if (there || names->count == FRAME_NAMES_MAX) {
		free(name);
		return;
	}
	names->names[names->count] = name;
	names->lines[names->count++] = line;
}

/* The functions of one symbol. `frame` and `module` stand for the code that is asked about. */
static void read_symbol(struct frame_names *names, const struct module *module,
	const struct frame *frame, const struct symbol *symbol, bool own_only)
{
	static const struct location unknown;
	size_t count = symbol ? symbol->count : 1;

	for (size_t i = 0; i < count; i++) {
		const struct location *location = symbol ? &symbol->locations[i] : &unknown;
		if (!own_only || model_is_own(module, location))
			add_name(names, location_name(module, frame, location, names->count == 0),
				location->line);
	}
}

/* What left no frame behind was called by `frame`. */
static void read_tails(struct frame_names *names, const struct model *model,
	const struct frame *frame, const struct symbol *tails, bool own_only)
{
	if (tails)
		read_symbol(names, &model->modules[frame->module], frame, tails, own_only);
}

static void read_frames(struct frame_names *names, const struct model *model,
	const struct site *site, bool own_only)
{
	read_tails(names, model, &model->frames[site->frame], site->tails, own_only);
	for (uint32_t number = site->frame; number && names->count < FRAME_NAMES_MAX;
		number = model->frames[number].parent) {
		const struct frame *frame = &model->frames[number];
		const struct module *module = &model->modules[frame->module];
		read_symbol(names, module, frame, frame->symbol, own_only);
		read_tails(names, model, &model->frames[frame->parent], frame->tails, own_only);
	}
}

void frame_names_read(struct frame_names *names, const struct model *model, const struct site *site)
{
	names->count = 0;
	read_frames(names, model, site, true);
	if (names->count == 0)
		read_frames(names, model, site, false);
}

void frame_names_free(struct frame_names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->names[i]);
	names->count = 0;
}
