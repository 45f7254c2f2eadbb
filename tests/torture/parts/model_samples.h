/*
 * What the recorder has for itself in the running model program, sample by sample; and whether that
 * grows. Each sample is printed as a line `own …`.
 */
#ifndef LEAK_TESTS_MODEL_SAMPLES_H
#define LEAK_TESTS_MODEL_SAMPLES_H

#include "analyzer/image_tables.h"

#include <stdint.h>

/* Takes one, so many seconds after the start; MODEL_SAMPLES at most. None when the program has come
 * to its end meanwhile. */
void samples_take(uint64_t seconds);

/* From the first pause to the second the image has grown by no more than a hundredth or one chunk,
 * and the rest is what a few slots take, however many threads there were. */
void samples_check_paused(const struct image_tables *tables);

/* From the middle of the run on, its memory besides the image grows by no more than a hundredth, or
 * in a short run to no more than what its slots may take; and the image by no more than a tenth or
 * one chunk: it has a leaf for each 16 KiB of addresses at which blocks have been, and the
 * allocator may go on to new ones. */
void samples_check_flat(const struct image_tables *tables);

#endif
