/*
 * The run of the model program that is looked at: what the parts of model_harness.c share. Set by
 * it before the program starts, and read by all.
 */
#ifndef LEAK_TESTS_MODEL_RUN_H
#define LEAK_TESTS_MODEL_RUN_H

#include "tests/torture/parts/model_log.h"

#include <stdbool.h>
#include <sys/types.h>

#define IMAGE "model.leak" /* images are left as model.leak.PID */
#define PAGE 4096u

extern struct model_log *told;
extern pid_t model_pid;

/* The recorder is of a build whose own requests fail: there may be no image at all. */
extern bool faulty;

/* Where memory ends the recorder may have none: what it drops is counted. */
extern bool may_drop;

/* Ends the model program if it runs, prints a line, and exits with 1. */
_Noreturn __attribute__((format(printf, 1, 2))) void fail(const char *format, ...);

#define IMAGE_NAME 64

/* The image of a process of the run, of which so many before it had the same number: the kernel
 * begins again at 300. Where its file could not be made it may be in /tmp. */
void image_name(char ret[IMAGE_NAME], pid_t pid, unsigned before);

#endif
