/*
 * The memory that a scan looks at, see reach_read.h.
 */
#include "preload/reach_read.h"

static const unsigned char *read(struct reach *reach, uint64_t at, uint64_t *size)
{
	uint64_t wanted = *size;
	const unsigned char *bytes = reach->view.read(reach->view.context, at, size);

	reach->reads++;
	if (*size > wanted)
		*size = wanted;
	return bytes && *size ? bytes : NULL;
}

/* A word that lies in several pieces, of which the first has been got. */
static const unsigned char *gather(
	struct reach *reach, uint64_t at, const unsigned char *bytes, uint64_t had)
{
	unsigned done = 0;

	for (;;) {
		__builtin_memcpy(reach->gathered + done, bytes, had);
		done += (unsigned)had;
		if (done == 8)
			return reach->gathered;
		had = 8 - done;
		bytes = read(reach, at + done, &had);
		if (!bytes)
			return NULL;
	}
}

const unsigned char *reach_read(struct reach *reach, uint64_t at, uint64_t *size)
{
	uint64_t wanted = *size, had = wanted;
	const unsigned char *bytes = read(reach, at, &had);

	if (bytes && had < 8) {
		*size = 8;
		return gather(reach, at, bytes, had);
	}
	if (bytes) {
		*size = had & ~(uint64_t)7;
		reach->bias = (int64_t)((uintptr_t)bytes - at);
		return bytes;
	}
	/* What is left of the word behind the hole is of no use either. */
	*size = had < wanted ? (had ? (had + 7) & ~(uint64_t)7 : 8) : wanted;
	return NULL;
}

bool reach_read_word(struct reach *reach, uint64_t at, uint64_t *ret)
{
	uint64_t size = 8;
	const unsigned char *bytes = reach_read(reach, at, &size);

	*ret = bytes ? reach_word(bytes) : 0;
	return bytes;
}
