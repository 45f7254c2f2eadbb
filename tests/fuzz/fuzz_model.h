/* A small model for what judges sites: suppressions, baselines, names. */
#ifndef LEAK_FUZZ_MODEL_H
#define LEAK_FUZZ_MODEL_H

#include "analyzer/model.h"

/* Five sites, of C and C++, of the program, of a library and of nobody, with inlined calls, of
 * every class that there is. Release with model_free. */
void fuzz_model_make(struct model *model);

/* Bytes and blocks of all classes of all processes. */
struct amount fuzz_model_total(const struct model *model);

#endif
