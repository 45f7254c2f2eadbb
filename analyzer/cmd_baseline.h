/* What other commands need of the files of baselines. */
#ifndef LEAK_CMD_BASELINE_H
#define LEAK_CMD_BASELINE_H

#include "baseline.h"
#include "options.h"

/* Reads the baseline at `path` and prints what is wrong with it. Returns EXIT_OK, or
 * EXIT_NOT_MEASURED: where single lines are wrong the others are there. Release with baseline_free
 * in every case. */
int cmd_baseline_read(struct baseline *baseline, const char *path);

/* The kinds of sites that are compared, by the options. */
unsigned cmd_baseline_kinds(const struct settings *settings);

#endif
