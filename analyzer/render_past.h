/* What is not there any more, for the formats that show what was allocated as well. */
#ifndef LEAK_RENDER_PAST_H
#define LEAK_RENDER_PAST_H

#include "model.h"

/*
 * For each row: what was allocated at its call site and given back since. That has no class, so
 * where several rows differ in nothing else, it is the first one's that is shown: the sums count
 * nothing twice. With --older, nobody knows. For the caller to free.
 */
struct amount *render_past(const struct model *model);

/* Whether a profile has the row: it is shown, and not suppressed. */
bool render_is_profiled(const struct row *row);

#endif
