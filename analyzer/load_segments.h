/* Where the code of modules is in their files, and at which addresses. */
#ifndef LEAK_LOAD_SEGMENTS_H
#define LEAK_LOAD_SEGMENTS_H

#include "model.h"
#include "symbol_file.h"

/* Fills in the segments of each module whose very file is here: for reports that others are to find
 * names for. Looks for it as for names, but not at debuginfod. */
void load_segments(struct model *model, const struct symbol_search *search);

#endif
