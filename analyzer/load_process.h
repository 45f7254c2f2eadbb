/* The part of an image that is about the process as a whole. */
#ifndef LEAK_LOAD_PROCESS_H
#define LEAK_LOAD_PROCESS_H

#include "image_tables.h"
#include "model.h"

/* Fills `process` from the image's header and thread rows; sites and live blocks are not touched.
 */
void load_process(struct process *process, struct model *model, const struct image_file *image,
	const struct image_tables *tables);

#endif
