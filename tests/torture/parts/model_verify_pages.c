#include "tests/torture/parts/model_verify_pages.h"
#include "tests/torture/parts/model_run.h"

#include <inttypes.h>
#include <stdlib.h>

static int pages_by_address(const void *a, const void *b)
{
	const struct model_page *one = a, *other = b;

	return one->address < other->address ? -1 : one->address > other->address;
}

static int regions_by_address(const void *a, const void *b)
{
	const struct image_region *one = a, *other = b;

	return one->start < other->start ? -1 : one->start > other->start;
}

static bool is_of_model(const struct picture *picture, const struct image_region *region)
{
	int function = picture_function(picture, picture_outer(picture, region->site));

	return function == IN_MAP || function == IN_MAP_OVER || function == IN_REMAP;
}

uint64_t model_verify_pages(struct picture *picture)
{
	static struct model_page pages[MODEL_WORKERS * MODEL_PAGES_EACH];
	size_t count = 0, r = 0;
	uint64_t compared = 0;

	for (size_t i = 0; i < MODEL_WORKERS; i++)
		for (size_t n = 0; n < MODEL_PAGES_EACH; n++)
			if (told->pages_mapped[i][n].address)
				pages[count++] = told->pages_mapped[i][n];
	qsort(pages, count, sizeof(pages[0]), pages_by_address);
	if (picture->region_count)
		qsort(picture->regions, picture->region_count, sizeof(*picture->regions),
			regions_by_address);
	for (size_t i = 0; i < count;) {
		uint64_t start = pages[i].address, end = start, call = pages[i].call;
		uint32_t function = pages[i].function;

		for (; i < count && pages[i].address == end && pages[i].call == call; i++)
			end += PAGE;
		while (r < picture->region_count && !is_of_model(picture, &picture->regions[r]))
			r++;
		if (r == picture->region_count || picture->regions[r].start != start ||
			picture->regions[r].end != end)
			fail("pages %#" PRIx64 "-%#" PRIx64 " of %s: the image has %#" PRIx64
			     "-%#" PRIx64,
				start, end, picture_names[function],
				r < picture->region_count ? picture->regions[r].start : 0,
				r < picture->region_count ? picture->regions[r].end : 0);
		if (picture_function(picture, picture_outer(picture, picture->regions[r].site)) !=
			(int)function)
			fail("pages %#" PRIx64 " of %s: the image has another site", start,
				picture_names[function]);
		r++;
		compared += (end - start) / PAGE;
	}
	for (; r < picture->region_count; r++)
		if (is_of_model(picture, &picture->regions[r]))
			fail("in the image, but not in the model: pages %#" PRIx64 "-%#" PRIx64,
				picture->regions[r].start, picture->regions[r].end);
	return compared;
}
