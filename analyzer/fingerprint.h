/* A site's identity that survives a rebuild. */
#ifndef LEAK_FINGERPRINT_H
#define LEAK_FINGERPRINT_H

#include "model.h"

/* A hash of the kind, the allocator and the eight innermost functions of the program's own code;
 * no addresses, no lines. Never 0. The site's frames should be symbolized; those without a name
 * count by module and offset. */
uint64_t fingerprint_site(const struct model *model, const struct site *site);

#endif
