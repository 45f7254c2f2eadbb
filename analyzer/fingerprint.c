/*
 * Computes fingerprints. Called by cmd_model.c for the sites that are shown, and by baseline.c. Two
 * sites on different lines of one function have the same fingerprint, by intent: lines move. They
 * are two places.
 */
#include "fingerprint.h"

#include "frame_names.h"

#include <string.h>

#define FINGERPRINT_FRAMES 8

static uint64_t mix(uint64_t hash, const char *text)
{
	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 0x100000001b3ull;
	return (hash ^ 0xff) * 0x100000001b3ull; /* texts stay apart */
}

/* Aligned ones and those that do not throw are the same to a reader. */
static const char *plain_symbol(const char *symbol)
{
	if (strncmp(symbol, "_Znwm", 5) == 0)
		return "_Znwm";
	if (strncmp(symbol, "_Znam", 5) == 0)
		return "_Znam";
	return symbol;
}

/* "C" for what compilers replace by each other. */
static const char *allocator_family(const char *symbol)
{
	static const char *const of_c[] = {"malloc", "calloc", "realloc", "reallocarray"};

	for (size_t i = 0; i < sizeof(of_c) / sizeof(of_c[0]); i++)
		if (strcmp(symbol, of_c[i]) == 0)
			return "C";
	return plain_symbol(symbol);
}

static uint64_t finish(uint64_t hash)
{
	hash ^= hash >> 32; /* FNV leaves the high bits of short texts weak */
	hash *= 0x9e3779b97f4a7c15ull;
	hash ^= hash >> 29;
	return hash ? hash : 1;
}

uint64_t fingerprint_site(const struct model *model, const struct site *site, uint64_t *ret_place)
{
	struct frame_names names;
	uint64_t hash = mix(mix(0xcbf29ce484222325ull, model_kind_names[site->kind]),
		plain_symbol(site->allocator_symbol));
	uint64_t place = 0;

	frame_names_read(&names, model, site);
	for (size_t i = 0; i < names.count && i < FINGERPRINT_FRAMES; i++) {
		hash = mix(hash, names.names[i]);
		place = finish(place + names.lines[i]);
	}
	frame_names_free(&names);
	if (ret_place)
		*ret_place = place;
	return finish(hash);
}

uint64_t fingerprint_loose(const char *allocator_symbol, const char *const *names, size_t count)
{
	uint64_t hash = mix(0xcbf29ce484222325ull, allocator_family(allocator_symbol));

	for (size_t i = 0; i < count && i < FINGERPRINT_FRAMES; i++)
		hash = mix(hash, names[i]);
	return finish(hash);
}
