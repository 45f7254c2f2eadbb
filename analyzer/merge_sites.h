/* Sites that a reader cannot tell apart become one. */
#ifndef LEAK_MERGE_SITES_H
#define LEAK_MERGE_SITES_H

#include "model.h"

/* Merges sites of one kind, class and allocator whose stacks read the same: an unrolled loop calls
 * malloc from several addresses of one line. All sites must have their symbols; nothing may be
 * loaded into the model afterwards. */
void merge_sites(struct model *model);

#endif
