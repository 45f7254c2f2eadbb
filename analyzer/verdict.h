/* The report's first line: what is the matter, in one sentence. */
#ifndef LEAK_VERDICT_H
#define LEAK_VERDICT_H

#include "model.h"

/* Fills model->verdict from the processes and the ranked rows. The worst site should have its
 * symbols. */
void verdict_decide(struct model *model);

#define VERDICT_PLACE 600 /* room for a place, unless its function has a very long plain name */

/* Where a site is, in a few words: its focus, or only its module. The site should have its symbols;
 * empty where nothing is known. Names are not escaped. */
void verdict_place(const struct model *model, const struct site *site, char *room, size_t size);

/* How a process ended, as a phrase after its name: "exited with status 0". */
void verdict_state(const struct process *process, char *room, size_t size);

#endif
