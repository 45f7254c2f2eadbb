/* In whose frame the word of a path is, of a core. */
#ifndef LEAK_CORE_STACKS_H
#define LEAK_CORE_STACKS_H

#include "model.h"

/* Sets root.frame of the process's paths that begin on a stack, where its threads' frames tell. */
void core_stacks_find(struct model *model, const struct process *process);

#endif
