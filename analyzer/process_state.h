/* How a recorded process stands now. */
#ifndef LEAK_PROCESS_STATE_H
#define LEAK_PROCESS_STATE_H

#include "image_file.h"
#include "model.h"

/* The state by the header, and by /proc where the header says that it runs. In a snapshot it is as
 * it was then. */
enum process_state process_state_of(const struct image_file *image);

/* The pid by which one finds it here: another than it knows itself by, when it is in a pid
 * namespace. 0: it does not run, or is not of this machine, or cannot be seen. */
int process_pid_here(const struct image_file *image);

#endif
