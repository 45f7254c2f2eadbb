/* The core of a process that `leak run` saw crash. */
#ifndef LEAK_RUN_CORE_H
#define LEAK_RUN_CORE_H

#include <stdint.h>

/* Finds the core file of process `pid`, which has just ended by `signal` with its core dumped. A
 * name without a directory is looked for in the working directory, which the process began in.
 * Returns its path for the caller to free, NULL when it is not there. */
char *run_core_find(int pid, int signal);

/* A sentence that says how to come by the core that run_core_find did not find, for the caller to
 * free. */
char *run_core_hint(int pid);

#endif
