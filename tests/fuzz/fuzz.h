/*
 * What the harnesses have in common. A harness is one file fuzz_TARGET.c with one function,
 * LLVMFuzzerTestOneInput, that gives any bytes to one reader of bytes from outside, and aborts when
 * what comes out breaks a promise. It is linked with libFuzzer (`make fuzz`) or with replay.c (`make
 * test`), and with the product's objects that objects.mk names. Nothing is kept from one input to
 * the next: what an input does depends on its bytes alone.
 */
#ifndef LEAK_FUZZ_H
#define LEAK_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The input, taken from its front. Behind its end there are zeros. */
struct input {
	const uint8_t *at, *end;
};

struct input input_of(const uint8_t *data, size_t size);
bool input_has(const struct input *input);
uint64_t input_number(struct input *input, unsigned bytes); /* little-endian, 8 bytes at the most */

/* Up to `size` bytes, which stay where they are; stores how many there are. */
const uint8_t *input_bytes(struct input *input, size_t size, size_t *ret_size);

/* The bytes up to `stop`, which is taken, too, or to the end: in memory of just their size, with a
 * NUL behind them. A NUL among them ends the text. The caller frees it. */
char *input_text(struct input *input, char stop);

/* All that is left, in memory of just its size, so that a sanitizer sees what is read behind it.
 * The caller frees it. */
uint8_t *input_rest(struct input *input, size_t *ret_size);

/* A promise that was not kept is a finding, as a crash is. */
#define PROMISE(what) ((what) ? (void)0 : fuzz_broken(#what, __FILE__, __LINE__))
void fuzz_broken(const char *what, const char *file, int line) __attribute__((noreturn));

#endif
