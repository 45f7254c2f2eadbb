/* Compares the images of forked children with what the children told of themselves, see
 * model_verify.h. */
#ifndef LEAK_TESTS_MODEL_VERIFY_CHILDREN_H
#define LEAK_TESTS_MODEL_VERIFY_CHILDREN_H

#include <stdint.h>

/* Of all that came to their end. Returns how many images were compared. */
uint64_t model_verify_children(void);

#endif
