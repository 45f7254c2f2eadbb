/* The image's clock: moments (its coarse ticks, moved up by one at every mark) as times. */
#ifndef LEAK_MOMENTS_H
#define LEAK_MOMENTS_H

#include "preload/image_format.h"

#include <stddef.h>

struct moments {
	uint64_t start_ns; /* CLOCK_MONOTONIC of the recorded machine, as all times here */
	uint64_t end_ns;   /* the instant from which ages are counted back */
	unsigned shift;
	const struct image_epoch *epochs; /* by rising moment */
	size_t epoch_count;
};

/* The time of a moment. */
uint64_t moments_ns(const struct moments *moments, uint64_t moment);

/* The last moment that is not after `ns`, or -1 when every moment is. */
int64_t moments_at(const struct moments *moments, uint64_t ns);

/* How long before the end a moment lies, in nanoseconds; 0 for one after it. */
uint64_t moments_age_ns(const struct moments *moments, uint64_t moment);

#endif
