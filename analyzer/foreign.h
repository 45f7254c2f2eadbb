/*
 * What in a run is the system's and not the user's: shells, make, interpreters are part of every
 * test suite, and what they leak is nobody's who runs it.
 */
#ifndef LEAK_FOREIGN_H
#define LEAK_FOREIGN_H

#include "model.h"

/* Whether a program is one of the system's, by the directory that it is installed in. */
bool foreign_program(const char *path);

/* Sets `foreign` of the sites that only processes of the system's programs have, and whose stacks
 * are in the system's programs and libraries only. Call it when equal sites are merged. */
void foreign_mark(struct model *model);

#endif
