/* Stacks of fewer frames than were recorded. */
#ifndef LEAK_CUT_STACKS_H
#define LEAK_CUT_STACKS_H

#include "model.h"

/* Leaves the innermost `most` frames of each site's stack, with their symbols. Sites that are the
 * same then are for merge_sites. */
void cut_stacks(struct model *model, size_t most);

#endif
