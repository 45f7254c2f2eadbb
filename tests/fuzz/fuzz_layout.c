/* From the compact language to an image, see fuzz_layout.h. */
#include "fuzz_layout.h"

#include "preload/image_format.h"

#include <string.h>

struct layout {
	uint8_t *bytes;
	size_t used;         /* pages so far */
	size_t chunk, start; /* of the last chunk: where it begins, and its rows */
	size_t cut;
};

static uint8_t room[LAYOUT_PAGES * IMAGE_PAGE];
static size_t dirty; /* bytes of it that were used */

static void put(struct layout *layout, size_t at, const void *bytes, size_t size)
{
	size_t end = layout->used * IMAGE_PAGE;

	if (size && at < end)
		memcpy(layout->bytes + at, bytes, size < end - at ? size : end - at);
}

static void put_input(struct layout *layout, size_t at, struct input *input)
{
	size_t size = input_number(input, 1);
	const uint8_t *bytes = input_bytes(input, size, &size);

	put(layout, at, bytes, size);
}

static void add_chunk(struct layout *layout, struct input *input)
{
	struct chunk_header chunk = {.type = (uint32_t)input_number(input, 1),
		.owner = (uint32_t)input_number(input, 1)};
	size_t pages = input_number(input, 1) % 4 + 1;

	chunk.first = input_number(input, 2) % 512;
	chunk.rows = input_number(input, 2);
	chunk.data = sizeof(chunk) + input_number(input, 1) * 16;
	if (pages > LAYOUT_PAGES - layout->used)
		return;
	layout->chunk = layout->used * IMAGE_PAGE;
	layout->start = layout->chunk + chunk.data;
	layout->used += pages;
	chunk.offset = layout->chunk;
	chunk.magic = CHUNK_MAGIC ^ chunk.offset;
	chunk.size = pages * IMAGE_PAGE;
	put(layout, layout->chunk, &chunk, sizeof(chunk));
}

static void fill(struct layout *layout, struct input *input)
{
	size_t at = layout->start + input_number(input, 2), count = input_number(input, 1);
	uint64_t word = input_number(input, 8);

	for (size_t i = 0; i < count; i++)
		put(layout, at + i * sizeof(word), &word, sizeof(word));
}

static void take(struct layout *layout, struct input *input)
{
	size_t at;

	switch (input_number(input, 1) % 6) {
	case 0:
		at = input_number(input, 2);
		put_input(layout, at % IMAGE_PAGE, input);
		break;
	case 1:
		add_chunk(layout, input);
		break;
	case 2:
		at = input_number(input, 2);
		put_input(layout, layout->start + at, input);
		break;
	case 3:
		fill(layout, input);
		break;
	case 4:
		at = input_number(input, 1);
		put_input(layout, layout->chunk + at, input);
		break;
	case 5:
		layout->cut = input_number(input, 2);
		break;
	}
}

/* What is there before the input says otherwise; the size is known at the end. */
static const struct image_header header = {.magic = IMAGE_MAGIC,
	.version = IMAGE_VERSION,
	.endian = IMAGE_ENDIAN_MARK,
	.header_size = sizeof(struct image_header),
	.machine = 62,
	.page_size = IMAGE_PAGE,
	.backing = IMAGE_BACKING_FILE,
	.pid = 7,
	.state = IMAGE_CLEAN,
	.used_bytes = LAYOUT_PAGES * IMAGE_PAGE,
	.granule_shift = 5,
	.clock_shift = 24,
	.exe = "/home/me/app"};

const uint8_t *layout_image(struct input *input, size_t *ret_size)
{
	struct layout layout = {.bytes = room, .used = 1};

	memset(room, 0, dirty);
	put(&layout, 0, &header, sizeof(header));
	while (input_has(input))
		take(&layout, input);
	*ret_size = dirty = layout.used * IMAGE_PAGE;
	*ret_size -= layout.cut < *ret_size ? layout.cut : 0;
	/* Else every image would be a truncated one. */
	if (memcmp(room + offsetof(struct image_header, used_bytes), &header.used_bytes,
		    sizeof(header.used_bytes)) == 0) {
		uint64_t used = dirty;
		put(&layout, offsetof(struct image_header, used_bytes), &used, sizeof(used));
	}
	return room;
}
