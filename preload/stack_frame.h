/* Whose frame a word of a stack lies in. */
#ifndef LEAK_STACK_FRAME_H
#define LEAK_STACK_FRAME_H

#include <stdbool.h>
#include <stdint.h>

#include "preload/cfi_step.h"

struct stack_frame {
	uint64_t ip; /* of the frame, as image_node.ip */
	bool exact;  /* it is the instruction itself, no return address */
};

/* Walks a stack upwards from a thread's registers, with frame->low and high set to what may be read
 * of it, until the frame that the word is in. False when there is none that can be told. The thread
 * holds still, or this is a forked copy. `frames_left` is counted down. Slow. */
bool stack_frame_find(
	struct cfi_frame *frame, uintptr_t word, uint32_t *frames_left, struct stack_frame *ret);

#endif
