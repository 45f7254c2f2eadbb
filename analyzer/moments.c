/* Turns moments into times. Called by load_image.c and `leak show`. */
#include "moments.h"

uint64_t moments_ns(const struct moments *moments, uint64_t moment)
{
	uint64_t bias = 0;

	for (size_t low = 0, high = moments->epoch_count; low < high;) {
		size_t middle = (low + high) / 2;
		if (moments->epochs[middle].moment <= moment) {
			bias = moments->epochs[middle].bias;
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return moments->start_ns + (moment > bias ? (moment - bias) << moments->shift : 0);
}

int64_t moments_at(const struct moments *moments, uint64_t ns)
{
	int64_t low = 0, high = (int64_t)SLOT_MOMENT_MAX + 1;

	while (low < high) {
		int64_t middle = (low + high) / 2;
		if (moments_ns(moments, (uint64_t)middle) <= ns)
			low = middle + 1;
		else
			high = middle;
	}
	return low - 1;
}

uint64_t moments_age_ns(const struct moments *moments, uint64_t moment)
{
	uint64_t ns = moments_ns(moments, moment);

	return ns < moments->end_ns ? moments->end_ns - ns : 0;
}
