/* Readable names from mangled ones. */
#ifndef LEAK_DEMANGLE_H
#define LEAK_DEMANGLE_H

#include <stddef.h>

/* The readable form of a C++, Rust or D symbol, or a copy of `symbol`; the caller frees it. */
char *demangle(const char *symbol);

/* The same without the types of parameters and of what is returned; a copy of `function` where
 * `symbol` is not mangled, or NULL. The caller frees it. */
char *demangle_bare(const char *symbol, const char *function);

/* Cuts what the compiler appended to a function's name: .constprop.0, .isra.1, .part.2, .cold,
 * .lto_priv.3, and [abi:…] tags. Works in place. */
void demangle_strip(char *name);

#endif
