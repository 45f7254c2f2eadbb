/*
 * What all parts of the model program share: its log, a way to say that something is wrong, and its
 * random numbers.
 */
#ifndef LEAK_TESTS_MODEL_TOLD_H
#define LEAK_TESTS_MODEL_TOLD_H

#include "../model_log.h"

#define PAGE 4096ul

/* Functions whose frames the model knows. What model_log.h numbers is here, and nothing else. */
#define CODE __attribute__((noinline, noclone, section("model_code")))

/* Mapped by main before anything else happens. */
extern struct model_log *told;

/* Says it in the log, and ends the program. */
_Noreturn __attribute__((format(printf, 1, 2))) void wrong(const char *format, ...);

/* Below 2^48. The state is not 0, and one thread's or one handler's. */
uint64_t next_random(uint64_t *state);

#endif
