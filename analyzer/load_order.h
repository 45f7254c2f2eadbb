/* The order in which processes are told of. */
#ifndef LEAK_LOAD_ORDER_H
#define LEAK_LOAD_ORDER_H

#include "model.h"

/* Orders the processes by their start, and a parent before its children. Pointers to processes
 * become invalid. */
void load_order(struct model *model);

#endif
