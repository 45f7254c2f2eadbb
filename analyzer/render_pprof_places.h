/* The tables that samples of pprof's format refer to: texts, functions, addresses, mapped files. */
#ifndef LEAK_RENDER_PPROF_PLACES_H
#define LEAK_RENDER_PPROF_PLACES_H

#include "model.h"
#include "render_table.h"

#include <build/generated/pprof.pb-c.h>

/* Everything in the profile is on the heap by itself, for pprof__profile__free_unpacked. */
struct pprof_places {
	const struct model *model;
	Pprof__Profile *profile;
	struct pprof_module *modules; /* where each of the model's modules was put */
	struct render_table texts, functions, locations;
	size_t text_room, function_room, location_room, mapping_room;
};

/* Begins the tables, with the mappings of all modules that the listed sites need. */
void pprof_places_start(
	struct pprof_places *places, const struct model *model, Pprof__Profile *profile);

/* The place of a text in the table. It is made valid UTF-8 without control characters. */
int64_t pprof_places_text(struct pprof_places *places, const char *text);

/* The id of a frame's location. Frame 0 is no stack. */
uint64_t pprof_places_location(struct pprof_places *places, uint32_t frame);

/* Releases all but the profile. */
void pprof_places_end(struct pprof_places *places);

#endif
