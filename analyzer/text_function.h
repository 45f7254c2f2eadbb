/* What the function of a frame is called in what people read. */
#ifndef LEAK_TEXT_FUNCTION_H
#define LEAK_TEXT_FUNCTION_H

#include "model.h"

/*
 * "f"; "f+0x1c" where no source line tells one call in it from another; without a name
 * "libx.so+0x1b0c", or "[0x7f12] (no module)". The offset is that of the return address, as in
 * debuggers. C++ names are in short unless `full`. Not escaped. For the caller to free.
 */
char *text_function(const struct model *model, const struct frame *frame,
	const struct location *location, bool full);

#endif
