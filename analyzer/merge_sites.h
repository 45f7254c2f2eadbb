/* Sites that a reader cannot tell apart become one. */
#ifndef LEAK_MERGE_SITES_H
#define LEAK_MERGE_SITES_H

#include "model.h"

/* Merges sites of one kind, class and allocator whose stacks read the same: an unrolled loop calls
 * malloc from several addresses of one line. All sites must have their symbols; nothing may be
 * loaded into the model afterwards. */
void merge_sites(struct model *model);

/* What identifies a site to a reader, as `*ret_size` bytes: two sites with symbols that have the
 * same are merged. The caller frees it. */
char *merge_sites_key(const struct model *model, const struct site *site, size_t *ret_size);

#endif
