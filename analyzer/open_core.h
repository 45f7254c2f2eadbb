/* The image of the process of a core file: in the core, or the file beside it. */
#ifndef LEAK_OPEN_CORE_H
#define LEAK_OPEN_CORE_H

#include "image_file.h"

/* Finds, opens and checks the image. `sysroot` (may be NULL) stands before the paths of the machine
 * that the core comes from. Returns 0, or -1 with a sentence in `error` that does not repeat the
 * path: also when the core is fine but its process was not recorded. */
int open_core(struct image_file *image, const char *path, const char *sysroot, struct error *error);

#endif
