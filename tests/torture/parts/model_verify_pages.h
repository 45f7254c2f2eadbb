/* Compares the regions of an image with the pages of the shadow model, see model_verify.h. */
#ifndef LEAK_TESTS_MODEL_VERIFY_PAGES_H
#define LEAK_TESTS_MODEL_VERIFY_PAGES_H

#include "tests/torture/parts/model_picture.h"

/* Pages of one call that are next to each other are one region, and no other pages are any. Returns
 * how many pages were compared. Sorts the picture's regions. */
uint64_t model_verify_pages(struct picture *picture);

#endif
