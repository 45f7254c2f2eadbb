/* The latest check for lost blocks of an image, into the model. */
#ifndef LEAK_LOAD_CHECK_H
#define LEAK_LOAD_CHECK_H

#include "image_checks.h"
#include "model.h"
#include "moments.h"

/* Sets process->check, unless the image has no check. `newer` are the blocks that it has not seen.
 */
void load_check(struct process *process, const struct image_checks *checks,
	const struct moments *moments, const struct amount *newer);

/* The words of a check's numbers, for `leak show`, too. */
const char *load_check_trigger(uint32_t trigger);
const char *load_check_failure(uint32_t failure);

#endif
