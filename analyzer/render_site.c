/*
 * Words and places of a call site for the formats that CI systems read. Called by their renderers.
 * Does not look at the file system: a source that was compiled elsewhere keeps its path.
 */
#define _GNU_SOURCE
#include "render_site.h"

#include "memory.h"
#include "render_root.h"
#include "text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "/a/./b/../c//d" becomes "/a/c/d", in place, where the path is absolute. */
static void normalize(char *path)
{
	char *out = path;

	if (path[0] != '/')
		return;
	for (const char *at = path; *at;) {
		const char *name = at + strspn(at, "/");
		size_t length = strcspn(name, "/");
		at = name + length;
		if (length == 0 || (length == 1 && name[0] == '.'))
			continue;
		if (length == 2 && name[0] == '.' && name[1] == '.') {
			while (out > path && *--out != '/')
				;
			continue;
		}
		*out++ = '/';
		memmove(out, name, length);
		out += length;
	}
	if (out == path)
		*out++ = '/';
	*out = '\0';
}

/* Takes `path` over. */
static void set_file(struct render_place *place, char *path, const char *root)
{
	normalize(path);
	place->file = path;
	place->below_root =
		root && (render_root_strip(place->file, root) ||
				(place->is_source && render_root_strip_linked(&place->file, root)));
}

/* Sources that were compiled with a prefix mapped away have relative names, and no directory. Those
 * of the program itself are taken to be below the root. */
static void set_relative_file(struct render_place *place, char *path, bool own)
{
	place->below_root = own;
	place->file = path;
	if (!own)
		return;
	char *absolute = memory_join("/", path, "");
	normalize(absolute);
	if (absolute[1])
		strcpy(path, absolute + 1);
	free(absolute);
}

struct render_place render_place_of(const struct model *model, const struct frame *frame,
	const struct location *location, const char *source_root)
{
	struct render_place place = {.offset = frame->offset};

	if (location) {
		place.function = location->function;
		place.line = location->file ? location->line : 0;
	}
	if (location && location->file) {
		bool relative = location->file[0] != '/' && location->directory;
		char *path = relative ? memory_join(location->directory, "/", location->file)
				      : memory_copy(location->file);
		place.is_source = true;
		if (path[0] == '/')
			set_file(&place, path, source_root);
		else
			set_relative_file(&place, path,
				source_root &&
					model_is_own(&model->modules[frame->module], location));
	} else if (frame->module) {
		set_file(&place, memory_copy(model->modules[frame->module].path), source_root);
	}
	return place;
}

void render_place_free(struct render_place *place)
{
	free(place->file);
	place->file = NULL;
}

struct render_place render_artifact_of(const struct model *model, const struct frame *frame,
	const struct location *location, const char *source_root)
{
	struct render_place place = render_place_of(model, frame, location, source_root);

	if (place.is_source && !place.below_root && place.file[0] != '/') {
		const char *function = place.function;
		render_place_free(&place);
		place = render_place_of(model, frame, NULL, source_root);
		place.function = function;
	}
	return place;
}

/* The innermost place of the program's own below the root. Returns whether there is one. */
static bool find_below_root(const struct model *model, const struct site *site,
	const char *source_root, struct render_place *ret)
{
	for (uint32_t number = site->frame; number; number = model->frames[number].parent) {
		const struct frame *frame = &model->frames[number];
		const struct module *module = &model->modules[frame->module];
		for (size_t i = 0; frame->symbol && i < frame->symbol->count; i++) {
			const struct location *location = &frame->symbol->locations[i];
			if (location->file == NULL || !model_is_own(module, location))
				continue;
			*ret = render_place_of(model, frame, location, source_root);
			if (ret->below_root)
				return true;
			render_place_free(ret);
		}
	}
	return false;
}

struct render_place render_place_of_site(
	const struct model *model, const struct site *site, const char *source_root)
{
	struct render_place place;
	size_t index;

	if (source_root && find_below_root(model, site, source_root, &place))
		return place;
	const struct frame *frame = &model->frames[model_site_focus(model, site, &index)];
	if (frame != model->frames)
		place = render_artifact_of(model, frame,
			frame->symbol ? &frame->symbol->locations[index] : NULL, source_root);
	else
		place = (struct render_place){0};
	if (place.file == NULL && model->process_count && model->processes[0].exe)
		set_file(&place, memory_copy(model->processes[0].exe), source_root);
	return place;
}

char *render_place_text(const struct render_place *place)
{
	char line[16];

	snprintf(line, sizeof(line), "%u", place->line);
	return place->file == NULL ? memory_copy("")
	       : place->line       ? memory_join(place->file, ":", line)
				   : memory_copy(place->file);
}

enum site_class render_class(const struct site *site)
{
	if (site->class != CLASS_SUPPRESSED)
		return site->class;
	return site->suppression ? site->class_without : CLASS_UNKNOWN;
}

const char *render_rule(const struct site *site)
{
	static const char *const rules[CLASS_COUNT] = {
		[CLASS_DEFINITE] = "LEAK001",
		[CLASS_INDIRECT] = "LEAK002",
		[CLASS_POSSIBLE] = "LEAK003",
		[CLASS_REACHABLE] = "LEAK004",
		[CLASS_UNKNOWN] = "LEAK011",
		[CLASS_SUPPRESSED] = "LEAK011",
	};

	if (site->kind == KIND_SHM)
		return "LEAK007";
	return site->kind == KIND_HEAP ? rules[render_class(site)] : "LEAK006";
}

bool render_is_result(const struct row *row)
{
	const struct site *site = row->site;
	bool withheld = site->class == CLASS_SUPPRESSED && !site->suppression && !site->frame;

	return row->shown && row->title == NULL && !withheld;
}

bool render_is_defect(const struct row *row)
{
	return render_is_result(row) && row->kind == KIND_HEAP;
}

static const char *class_words(const struct site *site)
{
	enum site_class class = render_class(site);

	if (site->kind != KIND_HEAP)
		return "still mapped";
	return class == CLASS_UNKNOWN ? "not freed" : model_class_words[class];
}

static const char *unit(const struct site *site)
{
	return site->kind == KIND_HEAP ? text_plural(site->live.blocks, "block", "blocks")
				       : text_plural(site->live.blocks, "region", "regions");
}

char *render_message(const struct site *site, const struct render_place *place)
{
	char bytes[TEXT_SMALL], blocks[TEXT_SMALL], more[TEXT_SMALL], *message = NULL;
	const char *where = place->function;
	bool indirect = site->class == CLASS_DEFINITE && site->indirect.bytes;
	int length;

	if (where == NULL)
		where = place->file ? text_basename(place->file) : NULL;
	length = asprintf(&message, "%s in %s %s %s%s%s%s, allocated by %s%s%s",
		text_bytes(bytes, site->live.bytes), text_count(blocks, site->live.blocks),
		unit(site), class_words(site), indirect ? ", and " : "",
		indirect ? text_bytes(more, site->indirect.bytes) : "",
		indirect ? " through these" : "", site->allocator, where ? " in " : "",
		where ? where : "");
	return length < 0 ? memory_copy("") : message;
}

static void write_escaped(FILE *out, const char *text)
{
	char *escaped = text_escape(text);

	fputs(escaped, out);
	free(escaped);
}

static void write_place(FILE *out, const struct render_place *place)
{
	char *file = render_place_text(place);

	if (place->function)
		write_escaped(out, place->function);
	else
		fputs("???", out);
	if (file[0]) {
		fputs(place->is_source ? " (" : " (in ", out);
		write_escaped(out, file);
		if (!place->is_source)
			fprintf(out, "+0x%" PRIx64, place->offset);
		putc(')', out);
	}
	free(file);
}

char *render_stack(
	const struct model *model, const struct site *site, const char *source_root, size_t depth)
{
	char *text = NULL;
	size_t size = 0, written = 0;
	FILE *out = open_memstream(&text, &size);

	if (out == NULL)
		return memory_copy("");
	for (uint32_t number = site->frame; number && written < depth;
		number = model->frames[number].parent) {
		const struct frame *frame = &model->frames[number];
		size_t count = frame->symbol ? frame->symbol->count : 1;
		for (size_t i = 0; i < count && written < depth; i++) {
			struct render_place place = render_place_of(model, frame,
				frame->symbol ? &frame->symbol->locations[i] : NULL, source_root);
			fputs(written++ ? "\n" : "", out);
			write_place(out, &place);
			render_place_free(&place);
		}
	}
	if (fclose(out) != 0) {
		free(text);
		return memory_copy("");
	}
	return text;
}

struct numbered {
	uint64_t fingerprint;
	enum site_class class;
	size_t row;
};

static int compare_numbered(const void *a, const void *b)
{
	const struct numbered *one = a, *other = b;

	if (one->fingerprint != other->fingerprint)
		return one->fingerprint < other->fingerprint ? -1 : 1;
	if (one->class != other->class)
		return one->class < other->class ? -1 : 1;
	return one->row < other->row ? -1 : one->row > other->row;
}

size_t *render_ordinals(const struct model *model)
{
	struct numbered *rows = memory_zero(model->row_count, sizeof(*rows));
	size_t *ordinals = memory_zero(model->row_count, sizeof(*ordinals));

	for (size_t i = 0; i < model->row_count; i++)
		rows[i] = (struct numbered){.fingerprint = model->rows[i].site->fingerprint,
			.class = render_class(model->rows[i].site),
			.row = i};
	if (model->row_count)
		qsort(rows, model->row_count, sizeof(*rows), compare_numbered);
	for (size_t i = 0; i < model->row_count; i++) {
		bool again = i && rows[i].fingerprint == rows[i - 1].fingerprint &&
			     rows[i].class == rows[i - 1].class;
		ordinals[rows[i].row] = again ? ordinals[rows[i - 1].row] + 1 : 1;
	}
	free(rows);
	return ordinals;
}
