/* How the sites of a process that is loaded again and again grow. */
#ifndef LEAK_GROWTH_H
#define LEAK_GROWTH_H

#include "model.h"
#include "symbolize.h"

/* The orders of --sort. */
#define GROWTH_SORTS "growth|rate|live|allocs"

enum growth_sort {
	GROWTH_SINCE_START, /* bytes; what has not grown goes by live bytes */
	GROWTH_RATE,        /* bytes per second; the rest goes by live bytes */
	GROWTH_LIVE,        /* live bytes */
	GROWTH_ALLOCS,      /* allocations per second, also of what holds nothing now */
	GROWTH_SORT_COUNT
};

extern const char *const growth_sort_names[GROWTH_SORT_COUNT];

#define RATE_SECONDS 10.0

/* Something per second, smoothed: the mean since the start, and after RATE_SECONDS a mean
 * in which what is older than that has lost half of its weight or more. */
struct rate {
	double per_second;
	double seconds; /* that it speaks for, at most RATE_SECONDS; 0: there is no rate yet */
};

/* An amount over time. */
struct trend {
	uint64_t first, last, now;
	bool started; /* there is a first */
	struct rate rate;
};

/* One line of the table: sites that read the same, as in a report. */
struct growth_row {
	const struct site *site; /* the largest of them */
	struct amount live;
	int64_t since_start, since_last; /* bytes */
	double bytes_rate, allocs_rate;
	bool allocs_known;
};

struct growth {
	size_t loads;                       /* so far */
	uint64_t start_ns, last_ns, now_ns; /* CLOCK_MONOTONIC of the loads */

	/* Of the process. Suppressed blocks are not in `live`. */
	struct trend live, mapped, allocs, frees;
	struct amount live_now, mapped_now, suppressed;

	struct growth_row *rows; /* blocks, then mapped regions, each in the order asked for */
	size_t row_count, heap_rows;
	size_t left_out; /* sites that do not match the filters */

	struct growth_private *private;
};

struct growth_options {
	const char *const *filters; /* as in struct selection */
	size_t filter_count;
	size_t shown; /* about so many rows are looked at: they get their names */
	bool names;
};

void growth_init(struct growth *growth);
void growth_free(struct growth *growth);

/* Takes in what was just loaded into `model`, always the same, at `now_ns` (CLOCK_MONOTONIC). */
void growth_add(struct growth *growth, const struct model *model, uint64_t now_ns);

/* Makes the rows. The first `shown` of blocks and of regions have their symbols (with `names`), and
 * what reads the same is merged among all sites, or where these are very many, among the first. */
void growth_rank(struct growth *growth, struct model *model, struct symbolizer *symbolizer,
	enum growth_sort sort, const struct growth_options *options);

#endif
