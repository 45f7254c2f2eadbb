/*
 * Reads words of a core through a window of 64 KiB. Called by the core_*.c that follow structures
 * of the process. A word at an odd address is read as well as any other.
 */
#include "core_words.h"

#include <string.h>
#include <sys/stat.h>

#define LEAST_WORDS 100000u /* also of the smallest core: chains are followed more than once */

void core_words_init(struct core_words *words, const struct core_file *core)
{
	struct stat status;

	words->core = core;
	words->start = words->size = 0;
	words->left = LEAST_WORDS;
	/* Each word of the file may be asked for twice: by what finds a heap, and by its walk. */
	if (fstat(core->fd, &status) == 0 && status.st_size > 0)
		words->left += (uint64_t)status.st_size / 4;
}

static bool within(const struct core_words *words, uint64_t address)
{
	return address >= words->start && address - words->start < words->size &&
	       words->size - (address - words->start) >= sizeof(uint64_t);
}

static bool take(struct core_words *words)
{
	if (words->left == 0)
		return false;
	words->left--;
	return true;
}

bool core_words_get(struct core_words *words, uint64_t address, uint64_t *ret)
{
	if (!take(words))
		return false;
	if (!within(words, address)) {
		words->start = address;
		words->size =
			core_file_read(words->core, address, words->bytes, sizeof(words->bytes));
		if (words->size < sizeof(*ret))
			return false;
	}
	memcpy(ret, words->bytes + (address - words->start), sizeof(*ret));
	return true;
}

bool core_words_peek(struct core_words *words, uint64_t address, uint64_t *ret)
{
	if (!take(words))
		return false;
	if (within(words, address)) {
		memcpy(ret, words->bytes + (address - words->start), sizeof(*ret));
		return true;
	}
	return core_file_read(words->core, address, ret, sizeof(*ret)) == sizeof(*ret);
}
