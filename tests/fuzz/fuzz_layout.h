/*
 * A compact language for images, whose every row would else lie on a page of its own among zeros: an
 * image of 40 KiB is 300 bytes of it, and what a mutation hits matters. The words that a reader
 * checks first (magic, offset, sizes) are right, unless they are written over on purpose.
 *
 *   0 AT:2 N:1 bytes…             N bytes at AT of the image's header
 *   1 TYPE:1 OWNER:1 PAGES:1 FIRST:2 ROWS:2 DATA:1
 *                                 a chunk on the next free page, of PAGES % 4 + 1 pages; rows begin
 *                                 DATA * 16 bytes behind its header, the first one's number is FIRST %
 *                                 512: large tables take long
 *   2 AT:2 N:1 bytes…             N bytes, AT behind where the rows of the last chunk begin
 *   3 AT:2 N:1 WORD:8             N times the same word there
 *   4 AT:1 N:1 bytes…             N bytes, AT behind where the last chunk's header begins
 *   5 CUT:2                       the file is CUT bytes shorter
 *
 * The operation is the byte modulo 6. What does not fit is left out.
 */
#ifndef LEAK_FUZZ_LAYOUT_H
#define LEAK_FUZZ_LAYOUT_H

#include "fuzz.h"

#define LAYOUT_PAGES 24

/* Makes the image that the rest of the input says. The bytes are valid until the next call. */
const uint8_t *layout_image(struct input *input, size_t *ret_size);

#endif
