/*
 * Gives modules addresses and frames locations. Called by render_pprof.c. The processes of a report
 * had each module at other addresses, and the model has only those of the modules' files. So the
 * modules are laid out here, one behind the other, each with the distances that it has in its file:
 * that is all that pprof needs to find names itself, and it is the same for each run of a program.
 */
#define _GNU_SOURCE
#include "render_pprof_places.h"

#include "memory.h"
#include "render_frame.h"
#include "render_past.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SPAN_MAX (1ull << 40) /* addresses of a module; what claims more lies */
#define FIRST_ADDRESS 0x10000u

struct pprof_module {
	bool used, placed;
	uint64_t reach;    /* behind the last address that is needed */
	uint64_t base;     /* what is added to the addresses of its file */
	size_t first, end; /* its mappings, as places in the profile's */
};

static uint64_t page_up(uint64_t address)
{
	return (address + 4095) & ~(uint64_t)4095;
}

/* The address of the instruction, rather than the one behind it. */
static uint64_t address_of(const struct frame *frame)
{
	return frame->offset - (frame->offset && !(frame->flags & FRAME_EXACT));
}

int64_t pprof_places_text(struct pprof_places *places, const char *text)
{
	Pprof__Profile *profile = places->profile;
	char *escaped = text_escape(text);
	bool is_new;
	size_t number = render_table_add(&places->texts, escaped, strlen(escaped), &is_new);

	if (is_new) {
		profile->string_table = memory_grow(profile->string_table, &places->text_room,
			number + 1, sizeof(*profile->string_table));
		profile->string_table[profile->n_string_table++] = escaped;
	} else {
		free(escaped);
	}
	return (int64_t)number;
}

static int64_t build_id_text(struct pprof_places *places, const struct module *module)
{
	char text[2 * sizeof(module->build_id) + 1] = "";

	for (unsigned i = 0; i < module->build_id_size; i++)
		sprintf(text + (size_t)2 * i, "%02x", module->build_id[i]);
	return pprof_places_text(places, text);
}

static void add_mapping(struct pprof_places *places, const struct module *module, uint64_t start,
	uint64_t limit, uint64_t offset)
{
	Pprof__Profile *profile = places->profile;
	Pprof__Mapping *mapping = memory_zero(1, sizeof(*mapping));

	pprof__mapping__init(mapping);
	mapping->id = profile->n_mapping + 1;
	mapping->memory_start = start;
	mapping->memory_limit = limit;
	mapping->file_offset = offset;
	mapping->filename = pprof_places_text(places, module->path);
	mapping->build_id = build_id_text(places, module);
	/* What has no name here would have none there: who reads it need not try again. */
	mapping->has_functions = mapping->has_filenames = mapping->has_line_numbers =
		mapping->has_inline_frames = places->model->symbolized;
	profile->mapping = memory_grow(profile->mapping, &places->mapping_room,
		profile->n_mapping + 1, sizeof(*profile->mapping));
	profile->mapping[profile->n_mapping++] = mapping;
}

/* To the byte, where the loader maps whole pages: in a small file these are of several segments, of
 * which pprof could not tell the right one. */
static void add_segment(struct pprof_places *places, const struct module *module,
	const struct segment *segment, uint64_t base)
{
	uint64_t start = base + segment->address;

	add_mapping(places, module, start, start + segment->size, segment->offset);
}

static bool is_sane(const struct segment *segment)
{
	return segment->address < SPAN_MAX && segment->size < SPAN_MAX;
}

/* Puts a module at `*at` or behind, and moves that behind it. One that was linked for a place of
 * its own is put there, if it is the first. */
static void place_module(struct pprof_places *places, size_t number, uint64_t *at)
{
	const struct module *module = &places->model->modules[number];
	struct pprof_module *placed = &places->modules[number];
	uint64_t end = page_up(placed->reach);

	if (placed->placed || !placed->used)
		return;
	placed->placed = true;
	placed->first = places->profile->n_mapping;
	placed->base = *at;
	if (*at == FIRST_ADDRESS && module->segment_count &&
		module->segments[0].address >= FIRST_ADDRESS)
		placed->base = 0;
	for (size_t i = 0; i < module->segment_count; i++) {
		const struct segment *segment = &module->segments[i];
		if (!is_sane(segment))
			continue;
		add_segment(places, module, segment, placed->base);
		if (page_up(segment->address + segment->size) > end)
			end = page_up(segment->address + segment->size);
	}
	if (module->end > end && module->end < SPAN_MAX)
		end = page_up(module->end);
	if (module->segment_count == 0)
		add_mapping(places, module, placed->base, placed->base + (end ? end : 4096), 0);
	placed->end = places->profile->n_mapping;
	*at = placed->base + end + FIRST_ADDRESS;
}

/* Which modules the listed stacks need, and how much of them. */
static void find_used(struct pprof_places *places)
{
	const struct model *model = places->model;

	for (size_t i = 0; i < model->row_count; i++) {
		uint32_t number =
			render_is_profiled(&model->rows[i]) ? model->rows[i].site->frame : 0;
		for (; number; number = model->frames[number].parent) {
			const struct frame *frame = &model->frames[number];
			struct pprof_module *module = &places->modules[frame->module];
			module->used = frame->module != 0;
			if (frame->offset < SPAN_MAX && frame->offset >= module->reach)
				module->reach = frame->offset + 1;
		}
	}
}

/* The program's comes first: by it a viewer names the profile. */
static void place_modules(struct pprof_places *places)
{
	const struct model *model = places->model;
	const char *exe = model->process_count ? model->processes[0].exe : "";
	uint64_t at = FIRST_ADDRESS;

	for (size_t i = 1; i < model->module_count; i++)
		if (strcmp(model->modules[i].path, exe) == 0) {
			places->modules[i].used = true;
			place_module(places, i, &at);
		}
	for (size_t i = 1; i < model->module_count; i++)
		place_module(places, i, &at);
}

void pprof_places_start(
	struct pprof_places *places, const struct model *model, Pprof__Profile *profile)
{
	*places = (struct pprof_places){.model = model,
		.profile = profile,
		.modules = memory_zero(model->module_count, sizeof(struct pprof_module))};
	pprof_places_text(places, "");
	find_used(places);
	place_modules(places);
}

static uint64_t function_id(
	struct pprof_places *places, const char *name, const char *symbol, const char *file)
{
	Pprof__Profile *profile = places->profile;
	int64_t key[3] = {pprof_places_text(places, name), pprof_places_text(places, symbol),
		pprof_places_text(places, file)};
	bool is_new;
	size_t number = render_table_add(&places->functions, key, sizeof(key), &is_new);

	if (is_new) {
		Pprof__Function *function = memory_zero(1, sizeof(*function));
		pprof__function__init(function);
		function->id = number + 1;
		function->name = key[0];
		function->system_name = key[1];
		function->filename = key[2];
		profile->function = memory_grow(profile->function, &places->function_room,
			number + 1, sizeof(*profile->function));
		profile->function[profile->n_function++] = function;
	}
	return number + 1;
}

static void add_line(Pprof__Location *location, uint64_t function, uint32_t number)
{
	Pprof__Line *line = memory_zero(1, sizeof(*line));

	pprof__line__init(line);
	line->function_id = function;
	line->line = number;
	location->line[location->n_line++] = line;
}

static void add_lines(
	struct pprof_places *places, Pprof__Location *location, const struct frame *frame)
{
	size_t count = render_frame_lines(frame);

	location->line = memory_zero(count, sizeof(*location->line));
	for (size_t i = 0; i < count; i++) {
		const struct location *from = render_frame_line(frame, i);
		char *name = render_frame_name(places->model, frame, from);
		char *file = render_frame_file(places->model, frame, from);
		add_line(location,
			function_id(places, name, from && from->symbol ? from->symbol : name,
				file ? file : ""),
			file ? from->line : 0);
		free(name);
		free(file);
	}
}

/* In one of its module's mappings, if that has such an address. */
static void set_address(
	const struct pprof_places *places, Pprof__Location *location, const struct frame *frame)
{
	const struct pprof_module *module = &places->modules[frame->module];

	location->address = address_of(frame);
	if (frame->module == 0 || location->address >= SPAN_MAX)
		return;
	location->address += module->base;
	for (size_t i = module->first; i < module->end; i++) {
		const Pprof__Mapping *mapping = places->profile->mapping[i];
		if (location->address >= mapping->memory_start &&
			location->address < mapping->memory_limit)
			location->mapping_id = mapping->id;
	}
}

uint64_t pprof_places_location(struct pprof_places *places, uint32_t number)
{
	Pprof__Profile *profile = places->profile;
	const struct frame *frame = &places->model->frames[number];
	uint64_t key[3] = {number ? address_of(frame) : 0, frame->module, number == 0};
	bool is_new;
	size_t id = render_table_add(&places->locations, key, sizeof(key), &is_new) + 1;

	if (!is_new)
		return id;
	Pprof__Location *location = memory_zero(1, sizeof(*location));
	pprof__location__init(location);
	location->id = id;
	if (number == 0) {
		location->line = memory_zero(1, sizeof(*location->line));
		add_line(location, function_id(places, "[no stack]", "", ""), 0);
	} else {
		set_address(places, location, frame);
		if (places->model->symbolized)
			add_lines(places, location, frame);
	}
	profile->location = memory_grow(
		profile->location, &places->location_room, id, sizeof(*profile->location));
	profile->location[profile->n_location++] = location;
	return id;
}

void pprof_places_end(struct pprof_places *places)
{
	render_table_free(&places->texts);
	render_table_free(&places->functions);
	render_table_free(&places->locations);
	free(places->modules);
}
