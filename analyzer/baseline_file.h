/* A baseline as a file: one JSON object a line, sorted, so that a diff shows what changed. */
#ifndef LEAK_BASELINE_FILE_H
#define LEAK_BASELINE_FILE_H

#include "baseline.h"
#include "error.h"

#include <stdio.h>

#define BASELINE_NAME ".leak-baseline.jsonl"
#define BASELINE_FAULTS_MAX 20

struct baseline_fault {
	size_t line;
	char reason[200];
};

/* What is wrong in a file. The lines are skipped. */
struct baseline_faults {
	struct baseline_fault first[BASELINE_FAULTS_MAX];
	size_t count; /* of all of them; only the first ones are kept */
};

/* Reads the file into an empty baseline. Unknown keys are kept. Returns 0, also where lines are
 * wrong, which `faults` tells of; -1 with a sentence where the file cannot be read. */
int baseline_load(struct baseline *baseline, const char *path, struct baseline_faults *faults,
	struct error *error);

/* Writes all entries. Whether that worked is for the caller to ask of `out`. */
void baseline_write(const struct baseline *baseline, FILE *out);

#endif
