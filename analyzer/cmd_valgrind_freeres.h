/* What the C library holds for itself at the end, which valgrind has it free before it counts. */
#ifndef LEAK_CMD_VALGRIND_FREERES_H
#define LEAK_CMD_VALGRIND_FREERES_H

#include "model.h"

/* Takes such blocks out of the model, whose sites have their names and whole stacks: out of the
 * sites and out of the first process's sums. */
void valgrind_freeres(struct model *model);

#endif
