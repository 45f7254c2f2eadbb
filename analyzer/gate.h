/* Limits on what a run may leave behind: which sites of a model are over them. */
#ifndef LEAK_GATE_H
#define LEAK_GATE_H

#include "error.h"
#include "model.h"

enum gate_measure {
	GATE_ANY,           /* there is something */
	GATE_NEW,           /* the baseline does not know it */
	GATE_BYTES,         /* bytes */
	GATE_BLOCKS,        /* blocks */
	GATE_INCREASE,      /* percent more bytes than the baseline has */
	GATE_SLOPE,         /* bytes for each second of a process's run */
	GATE_PER_ITERATION, /* bytes for each iteration of a repeated run */
};

#define GATE_FROM_NOTHING 1e18 /* percent, where the baseline has nothing */

struct gate_limit {
	const char *text; /* as it was given */
	enum gate_measure measure;
	bool each_site; /* of every site by itself; else of all together */
	double value;   /* more is over it */
	/* Filled by gate_apply: */
	bool is_over;
	double measured; /* of the worst site, or of all */
	size_t sites;    /* over it; a limit on all: what it counted */
};

struct gate {
	struct gate_limit *limits;
	size_t count, capacity;
	/* Filled by gate_apply: */
	bool is_over;
	struct amount judged, over; /* what was counted, and the part of the sites over a limit */
	size_t judged_sites, over_sites;
};

/* Adds the limits of a list: "new,any,bytes>64K,site:blocks>100,increase:10%,slope>1K,per-iter>0".
 * Returns 0, or -1 with a sentence that says what is wrong. */
int gate_add(struct gate *gate, const char *list, struct error *error);

/* Whether some limit is of this measure. */
bool gate_has(const struct gate *gate, enum gate_measure measure);

/*
 * Judges the sites of `kinds` (CLASS_BIT; regions count as CLASS_UNKNOWN) that --filter has not
 * left out, that are not foreign and did not go with exec, and sets their over_limit. What is
 * suppressed is never judged. What is lost through a definitely lost block counts as its site's,
 * but not for an increase: baselines do not have it. `known_bytes` is what a baseline has in all
 * (GATE_INCREASE), `iterations` how often the body of the run was repeated (GATE_PER_ITERATION).
 */
void gate_apply(struct gate *gate, struct model *model, unsigned kinds, uint64_t known_bytes,
	uint64_t iterations);

/* What of a site the gate counts. */
struct amount gate_amount(const struct site *site, unsigned kinds);

/* What of that is one process's. What is lost through the blocks of several processes is parted by
 * how many of these each has: of whom it was is not known. */
struct amount gate_share(const struct site *site, unsigned kinds, const struct share *share);

void gate_free(struct gate *gate);

#endif
