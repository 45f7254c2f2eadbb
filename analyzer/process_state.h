/* How a recorded process stands now. */
#ifndef LEAK_PROCESS_STATE_H
#define LEAK_PROCESS_STATE_H

#include "image_file.h"
#include "model.h"

/* The state by the header, and by /proc where the header says that it runs. In a snapshot it is as
 * it was then. */
enum process_state process_state_of(const struct image_file *image);

/* The same, and for one that runs what process_state_pid says, else 0. */
enum process_state process_state_and_pid(const struct image_file *image, int *ret_pid);

/* By which pid we know the process of an image: another than it knows itself by, when it is in a
 * pid namespace. 0: it does not run, or we cannot see it. */
int process_state_pid(const struct image_file *image);

/* What /proc says of a process by one letter, as T where it is stopped; 0: nothing. */
char process_state_letter(int pid);

#endif
