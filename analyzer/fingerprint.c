/*
 * Computes fingerprints. Called by cmd_model.c for the sites that are shown. Two
 * sites on different lines of one function have the same fingerprint, by intent.
 */
#define _GNU_SOURCE
#include "fingerprint.h"

#include "demangle.h"
#include "memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FINGERPRINT_FRAMES 8

static uint64_t mix(uint64_t hash, const char *text)
{
	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 0x100000001b3ull;
	return (hash ^ 0xff) * 0x100000001b3ull; /* texts stay apart */
}

/* The name of a location as it goes into the hash, for the caller to free. */
static char *location_name(
	const struct module *module, const struct frame *frame, const struct location *location)
{
	char *name = NULL, *function;
	int length;

	if (location->function == NULL) {
		/* Code without a module has no lasting address. */
		length = frame->module
				 ? asprintf(&name, "%s+0x%" PRIx64, module->name, frame->offset)
				 : -1;
		return length < 0 ? memory_copy("?") : name;
	}
	function = memory_copy(location->function);
	demangle_strip(function);
	length = asprintf(&name, "%s!%s", module->name, function);
	free(function);
	return length < 0 ? memory_copy("?") : name;
}

static uint64_t mix_frames(const struct model *model, const struct site *site, uint64_t hash,
	bool own_only, unsigned *used)
{
	char *previous = NULL;

	*used = 0;
	for (uint32_t number = site->frame; number && *used < FINGERPRINT_FRAMES;
		number = model->frames[number].parent) {
		const struct frame *frame = &model->frames[number];
		const struct module *module = &model->modules[frame->module];
		static const struct location unknown;
		size_t count = frame->symbol ? frame->symbol->count : 1;
		for (size_t i = 0; i < count && *used < FINGERPRINT_FRAMES; i++) {
			const struct location *location =
				frame->symbol ? &frame->symbol->locations[i] : &unknown;
			if (own_only && !model_is_own(module, location))
				continue;
			char *name = location_name(module, frame, location);
			if (previous != NULL && strcmp(previous, name) == 0) { /* recursion */
				free(name);
				continue;
			}
			hash = mix(hash, name);
			(*used)++;
			free(previous);
			previous = name;
		}
	}
	free(previous);
	return hash;
}

uint64_t fingerprint_site(const struct model *model, const struct site *site)
{
	uint64_t start = mix(
		mix(0xcbf29ce484222325ull, model_kind_names[site->kind]), site->allocator_symbol);
	unsigned used;
	uint64_t hash = mix_frames(model, site, start, true, &used);

	if (used == 0)
		hash = mix_frames(model, site, start, false, &used);
	hash ^= hash >> 32; /* FNV leaves the high bits of short texts weak */
	hash *= 0x9e3779b97f4a7c15ull;
	hash ^= hash >> 29;
	return hash ? hash : 1;
}
