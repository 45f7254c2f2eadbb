/* The times between one of the program's marks (leak_mark) and the next, of one process. */
#ifndef LEAK_INTERVALS_H
#define LEAK_INTERVALS_H

#include "image_tables.h"
#include "model.h"

struct intervals {
	struct {
		uint64_t moment;   /* the first one */
		const char *title; /* the mark's label, or what stands for it */
	} * items;                 /* by rising moment; the first one is before all marks */
	size_t count;
};

/* Those of an image, with titles that are the model's strings. */
void intervals_make(struct intervals *ret, const struct image_tables *tables, struct model *model);
void intervals_free(struct intervals *intervals);

/* The number of the one that a moment lies in. */
uint32_t intervals_find(const struct intervals *intervals, uint64_t moment);

#endif
