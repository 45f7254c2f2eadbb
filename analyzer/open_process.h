/* The image of a running process: its file, or its memory where it has none. */
#ifndef LEAK_OPEN_PROCESS_H
#define LEAK_OPEN_PROCESS_H

#include "image_file.h"

/* The pid that a text of digits stands for; 0 when it is something else. */
int open_process_pid(const char *text);

/* Finds, opens and checks the image of the process. The process is neither stopped nor touched.
 * Returns 0, or -1 with a sentence in `error` that does not repeat the pid. */
int open_process(struct image_file *image, int pid, struct error *error);

#endif
