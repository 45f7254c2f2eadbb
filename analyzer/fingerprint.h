/* A site's identity that survives a rebuild. */
#ifndef LEAK_FINGERPRINT_H
#define LEAK_FINGERPRINT_H

#include "model.h"

/* A hash of the kind, the allocator and the eight innermost functions of the program's own code, by
 * the names of frame_names.h; no addresses, no lines. Never 0. The site should be symbolized.
 * Sites with the same fingerprint are of one place where `ret_place`, a hash of the lines of these
 * functions (may be NULL), is the same as well. */
uint64_t fingerprint_site(const struct model *model, const struct site *site, uint64_t *ret_place);

/* The same of names that were read before, for any allocator of C that compilers replace by
 * another. Comparable only with its own kind. */
uint64_t fingerprint_loose(const char *allocator_symbol, const char *const *names, size_t count);

#endif
