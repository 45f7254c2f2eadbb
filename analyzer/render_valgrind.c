/*
 * Loss records as valgrind's memcheck counts and orders them. Called by render_memcheck.c and
 * render_valgrind_xml.c. Both formats are about one process; a report on several gives the name of
 * the first and the sites of all.
 */
#define _GNU_SOURCE
#include "render_valgrind.h"

#include "memory.h"
#include "render_site.h"
#include "text.h"
#include "valgrind_names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct render_valgrind valgrind_options(
	const struct model *model, const struct render_options *options)
{
	static const char *const self[] = {"leak", NULL};

	if (options->valgrind)
		return *options->valgrind;
	return (struct render_valgrind){.arguments = self,
		.sums = true,
		.full = true,
		.suppressions = true,
		.shown = model->scope.kinds,
		.errors = CLASS_BIT(CLASS_DEFINITE) | CLASS_BIT(CLASS_POSSIBLE)};
}

static uint64_t bytes_of(const struct site *site)
{
	return site->live.bytes + site->indirect.bytes;
}

/* valgrind's order of classes. */
static int rank_of(const struct site *site)
{
	static const int ranks[CLASS_COUNT] = {
		[CLASS_REACHABLE] = 0,
		[CLASS_POSSIBLE] = 1,
		[CLASS_UNKNOWN] = 1,
		[CLASS_INDIRECT] = 2,
		[CLASS_DEFINITE] = 3,
	};

	return ranks[render_class(site)];
}

static int compare_records(const void *a, const void *b)
{
	const struct site *one = *(const struct site *const *)a;
	const struct site *other = *(const struct site *const *)b;

	if (bytes_of(one) != bytes_of(other))
		return bytes_of(one) < bytes_of(other) ? -1 : 1;
	if (rank_of(one) != rank_of(other))
		return rank_of(one) - rank_of(other);
	if (one->live.blocks != other->live.blocks)
		return one->live.blocks < other->live.blocks ? -1 : 1;
	return one < other ? -1 : one > other;
}

const struct site **valgrind_records(const struct model *model, size_t *ret_count)
{
	const struct site **records = memory_zero(model->site_count, sizeof(struct site *));
	size_t count = 0;

	for (size_t i = 0; i < model->site_count; i++) {
		const struct site *site = &model->sites[i];
		if (site->kind == KIND_HEAP && site->live.blocks && !site->left_out &&
			!site->replaced)
			records[count++] = site;
	}
	if (count)
		qsort(records, count, sizeof(struct site *), compare_records);
	*ret_count = count;
	return records;
}

enum site_class valgrind_class(const struct site *site)
{
	enum site_class class = render_class(site);

	return class == CLASS_UNKNOWN ? CLASS_POSSIBLE : class;
}

/* What has no class goes with what is possibly lost, unless the user tells them apart. */
static bool is_among(const struct site *site, unsigned kinds)
{
	return site->class != CLASS_SUPPRESSED &&
	       (kinds & (CLASS_BIT(site->class) | CLASS_BIT(valgrind_class(site))));
}

bool valgrind_is_shown(const struct site *site, const struct render_valgrind *options)
{
	return options->full && is_among(site, options->shown);
}

bool valgrind_is_error(const struct site *site, const struct render_valgrind *options)
{
	return options->full && is_among(site, options->errors);
}

char *valgrind_headline(const struct site *site, size_t number, size_t count)
{
	char all[TEXT_SMALL], direct[TEXT_SMALL], indirect[TEXT_SMALL], blocks[TEXT_SMALL];
	char which[TEXT_SMALL], last[TEXT_SMALL], split[3 * TEXT_SMALL] = "", *line;

	if (site->class == CLASS_DEFINITE && site->indirect.bytes)
		snprintf(split, sizeof(split), " (%s direct, %s indirect)",
			text_count(direct, site->live.bytes),
			text_count(indirect, site->indirect.bytes));
	if (asprintf(&line, "%s%s bytes in %s blocks are %s in loss record %s of %s",
		    text_count(all, bytes_of(site)), split, text_count(blocks, site->live.blocks),
		    model_class_words[valgrind_class(site)], text_count(which, number),
		    text_count(last, count)) < 0)
		return memory_copy("");
	return line;
}

/* With its parameters, as valgrind has it. */
static const char *allocator_name(const struct site *site)
{
	static const struct {
		const char *symbol, *name;
	} names[] = {
		{"_Znwm", "operator new(unsigned long)"},
		{"_Znam", "operator new[](unsigned long)"},
		{"_ZnwmRKSt9nothrow_t", "operator new(unsigned long, std::nothrow_t const&)"},
		{"_ZnamRKSt9nothrow_t", "operator new[](unsigned long, std::nothrow_t const&)"},
		{"_ZnwmSt11align_val_t", "operator new(unsigned long, std::align_val_t)"},
		{"_ZnamSt11align_val_t", "operator new[](unsigned long, std::align_val_t)"},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(site->allocator_symbol, names[i].symbol) == 0)
			return names[i].name;
	return site->allocator;
}

static const char *recorder(const struct model *model)
{
	for (size_t i = 1; i < model->module_count; i++)
		if (strcmp(model->modules[i].name, "libleak.so") == 0)
			return model->modules[i].path;
	return NULL;
}

static void set_source(struct valgrind_frame *into, const struct model *model,
	const struct frame *frame, const struct location *location)
{
	struct render_place place = render_place_of(model, frame, location, NULL);
	char *slash = place.file ? strrchr(place.file, '/') : NULL;

	if (place.is_source) {
		into->line = place.line;
		into->file = memory_copy(slash ? slash + 1 : place.file);
		if (slash) {
			into->directory = memory_copy(place.file);
			into->directory[slash > place.file ? slash - place.file : 1] = '\0';
		}
	}
	render_place_free(&place);
}

/* Returns whether it is main's frame, where valgrind's stacks end. */
static bool set_frame(struct valgrind_frame *into, const struct model *model,
	const struct frame *frame, const struct location *location)
{
	const struct module *module = &model->modules[frame->module];

	*into = (struct valgrind_frame){.ip = frame->flags & FRAME_EXACT || !frame->offset
						      ? frame->offset
						      : frame->offset - 1,
		.module = module,
		.object = frame->module ? module->path : NULL};
	if (location) {
		into->function = location->function;
		into->symbol = valgrind_name(location);
		into->starts = valgrind_ends_before(module, location);
		set_source(into, model, frame, location);
	}
	return into->function && strcmp(into->function, "main") == 0;
}

struct valgrind_frame *valgrind_frames(
	const struct model *model, const struct site *site, unsigned callers, size_t *ret_count)
{
	size_t capacity = 0, count = 0, left = callers ? callers - 1 : SIZE_MAX;
	struct valgrind_frame *frames = memory_grow(NULL, &capacity, 1, sizeof(*frames));
	bool at_main = false;

	frames[count++] = (struct valgrind_frame){.object = recorder(model),
		.function = allocator_name(site),
		.symbol = site->allocator_symbol};
	for (uint32_t number = site->frame; number && left && !at_main;
		number = model->frames[number].parent, left--) {
		const struct frame *frame = &model->frames[number];
		size_t places = frame->symbol ? frame->symbol->count : 1;
		for (size_t i = 0; i < places && !at_main; i++) {
			frames = memory_grow(frames, &capacity, count + 1, sizeof(*frames));
			at_main = set_frame(&frames[count++], model, frame,
				frame->symbol ? &frame->symbol->locations[i] : NULL);
		}
	}
	*ret_count = count;
	return frames;
}

void valgrind_frames_free(struct valgrind_frame *frames, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(frames[i].directory);
		free(frames[i].file);
	}
	free(frames);
}

static void add_line(struct valgrind_entry *entry, const char *kind, const char *pattern)
{
	entry->lines[entry->count++] =
		(struct valgrind_entry_line){.kind = kind, .pattern = text_escape(pattern)};
}

static void add_object(struct valgrind_entry *entry, const struct module *module)
{
	char *path = module ? valgrind_object(module) : memory_copy("");

	add_line(entry, "obj", path[0] ? path : "*");
	free(path);
}

void valgrind_entry_make(struct valgrind_entry *entry, const struct site *site,
	const struct valgrind_frame *frames, size_t count)
{
	const struct valgrind_allocator *allocator = valgrind_allocator(site->allocator_symbol);

	*entry = (struct valgrind_entry){
		.class = valgrind_class(site), .gap = allocator && !allocator->instead[0]};
	add_line(entry, "fun", allocator ? allocator->pattern : site->allocator_symbol);
	for (size_t i = 1; i < count && entry->count + entry->gap < VALGRIND_ENTRY_LINES; i++) {
		if (frames[i].starts && i > 1)
			break;
		if (frames[i].symbol)
			add_line(entry, "fun", frames[i].symbol);
		else
			add_object(entry, frames[i].module);
	}
}

void valgrind_entry_free(struct valgrind_entry *entry)
{
	for (size_t i = 0; i < entry->count; i++)
		free(entry->lines[i].pattern);
}

void valgrind_entry_write(const struct valgrind_entry *entry, FILE *out)
{
	fprintf(out, "{\n   <%s>\n   Memcheck:Leak\n   match-leak-kinds: %s\n%s",
		VALGRIND_ENTRY_NAME, model_class_names[entry->class], entry->gap ? "   ...\n" : "");
	for (size_t i = 0; i < entry->count; i++)
		fprintf(out, "   %s:%s\n", entry->lines[i].kind, entry->lines[i].pattern);
	fputs("}\n", out);
}
