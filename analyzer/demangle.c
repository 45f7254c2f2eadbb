/*
 * Demangles through libiberty. Called by symbolize for every new name, by the fingerprint.
 * Names longer than a sane limit are left as they are: the demangler's time can be exponential.
 */
#include "demangle.h"

#include "memory.h"

#include <libiberty/demangle.h>
#include <string.h>

#define MANGLED_MAX 8192

/* Only names that can be mangled: AUTO would take C names like "_Z" prefixes only, but Rust and C++
 * both start so. */
static char *demangle_as(const char *symbol, int options)
{
	if ((strncmp(symbol, "_Z", 2) != 0 && strncmp(symbol, "_R", 2) != 0 &&
		    strncmp(symbol, "__Z", 3) != 0 && strncmp(symbol, "_D", 2) != 0) ||
		strlen(symbol) >= MANGLED_MAX)
		return NULL;
	return cplus_demangle(symbol, options | DMGL_ANSI | DMGL_AUTO);
}

char *demangle(const char *symbol)
{
	char *plain = demangle_as(symbol, DMGL_PARAMS);

	return plain ? plain : memory_copy(symbol);
}

char *demangle_bare(const char *symbol, const char *function)
{
	char *plain = symbol ? demangle_as(symbol, 0) : NULL;

	return plain ? plain : memory_copy(function);
}

static void cut_tags(char *name)
{
	char *tag;

	while ((tag = strstr(name, "[abi:")) != NULL) {
		char *end = strchr(tag, ']');
		if (end == NULL)
			return;
		memmove(tag, end + 1, strlen(end + 1) + 1);
	}
}

/* Where a suffix of the compiler begins, NULL when there is none. A demangled name has the form
 * "f(int) [clone .constprop.0]". */
static char *find_suffix(char *name)
{
	static const char *const suffixes[] = {" [clone .", ".constprop.", ".isra.", ".part.",
		".cold", ".lto_priv.", ".llvm.", ".__uniq."};
	char *first = NULL;

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		char *found = strstr(name, suffixes[i]);
		if (found != NULL && found != name && (first == NULL || found < first))
			first = found;
	}
	return first;
}

void demangle_strip(char *name)
{
	char *suffix = find_suffix(name);

	if (suffix != NULL)
		*suffix = '\0';
	cut_tags(name);
}
