/*
 * A profile for pprof and what reads its format: a gzip'ed protocol buffer. A sample is what a call
 * site has of one class, and one more is what was allocated there and given back. Called through
 * the table in render.c. Suppressed sites are left out. The messages are made in memory, which for
 * 60,000 sites takes no more than finding their names did.
 */
#define _GNU_SOURCE
#include "render_formats.h"

#include "memory.h"
#include "render_gzip.h"
#include "render_notes.h"
#include "render_past.h"
#include "render_pprof_places.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

/* The values of a sample, in this order. */
enum { ALLOC_OBJECTS, ALLOC_SPACE, INUSE_OBJECTS, INUSE_SPACE, VALUES };

static const struct {
	const char *type, *unit;
} values[VALUES] = {
	[ALLOC_OBJECTS] = {"alloc_objects", "count"},
	[ALLOC_SPACE] = {"alloc_space", "bytes"},
	[INUSE_OBJECTS] = {"inuse_objects", "count"},
	[INUSE_SPACE] = {"inuse_space", "bytes"},
};

struct writing {
	const struct model *model;
	Pprof__Profile *profile;
	struct pprof_places places;
	size_t sample_room, comment_room;
};

static int64_t clamp(uint64_t value)
{
	return value > INT64_MAX ? INT64_MAX : (int64_t)value;
}

static Pprof__ValueType *value_type(struct writing *writing, const char *type, const char *unit)
{
	Pprof__ValueType *value = memory_zero(1, sizeof(*value));

	pprof__value_type__init(value);
	value->type = pprof_places_text(&writing->places, type);
	value->unit = pprof_places_text(&writing->places, unit);
	return value;
}

static void add_types(struct writing *writing)
{
	Pprof__Profile *profile = writing->profile;

	profile->sample_type = memory_zero(VALUES, sizeof(*profile->sample_type));
	for (size_t i = 0; i < VALUES; i++)
		profile->sample_type[profile->n_sample_type++] =
			value_type(writing, values[i].type, values[i].unit);
	profile->period_type = value_type(writing, "space", "bytes");
	profile->period = 1;
	profile->default_sample_type =
		pprof_places_text(&writing->places, values[INUSE_SPACE].type);
}

static Pprof__Label *add_label(struct writing *writing, Pprof__Sample *sample, const char *key)
{
	Pprof__Label *label = memory_zero(1, sizeof(*label));

	pprof__label__init(label);
	label->key = pprof_places_text(&writing->places, key);
	sample->label = memory_resize(sample->label, sample->n_label + 1, sizeof(*sample->label));
	sample->label[sample->n_label++] = label;
	return label;
}

static void add_text(
	struct writing *writing, Pprof__Sample *sample, const char *key, const char *text)
{
	if (text)
		add_label(writing, sample, key)->str = pprof_places_text(&writing->places, text);
}

static Pprof__Sample *add_sample(struct writing *writing, const struct site *site, const char *kind)
{
	Pprof__Profile *profile = writing->profile;
	Pprof__Sample *sample = memory_zero(1, sizeof(*sample));
	size_t room = 0;

	pprof__sample__init(sample);
	for (uint32_t frame = site->frame; frame || sample->n_location_id == 0;
		frame = writing->model->frames[frame].parent) {
		sample->location_id = memory_grow(sample->location_id, &room,
			sample->n_location_id + 1, sizeof(*sample->location_id));
		sample->location_id[sample->n_location_id++] =
			pprof_places_location(&writing->places, frame);
	}
	sample->n_value = VALUES;
	sample->value = memory_zero(VALUES, sizeof(*sample->value));
	add_text(writing, sample, "kind", kind);
	add_text(writing, sample, "allocator", site->allocator);
	for (size_t i = 0; i < site->thread_count; i++)
		add_text(writing, sample, "thread", site->threads[i]);
	profile->sample = memory_grow(profile->sample, &writing->sample_room, profile->n_sample + 1,
		sizeof(*profile->sample));
	profile->sample[profile->n_sample++] = sample;
	return sample;
}

static void set_amount(Pprof__Sample *sample, size_t objects, const struct amount *amount)
{
	sample->value[objects] = clamp(amount->blocks);
	sample->value[objects + 1] = clamp(amount->bytes);
}

static void add_live(struct writing *writing, const struct row *row)
{
	const struct site *site = row->site;
	Pprof__Sample *sample = add_sample(writing, site,
		site->kind == KIND_HEAP ? model_class_names[site->class]
					: model_kind_names[site->kind]);

	add_text(writing, sample, "baseline", model_baseline_names[site->baseline]);
	set_amount(sample, ALLOC_OBJECTS, &row->live);
	set_amount(sample, INUSE_OBJECTS, &row->live);
	if (row->live.blocks) {
		Pprof__Label *label = add_label(writing, sample, "bytes");
		label->num = clamp(row->live.bytes / row->live.blocks);
		label->num_unit = pprof_places_text(&writing->places, "bytes");
	}
}

static void add_samples(struct writing *writing)
{
	struct amount *past = render_past(writing->model);

	for (size_t i = 0; i < writing->model->row_count; i++) {
		const struct row *row = &writing->model->rows[i];
		if (!render_is_profiled(row))
			continue;
		add_live(writing, row);
		if (past[i].blocks || past[i].bytes)
			set_amount(
				add_sample(writing, row->site, "freed"), ALLOC_OBJECTS, &past[i]);
	}
	free(past);
}

/* When the last process ended, or was looked at, and how long the longest ran. */
static void set_times(struct writing *writing)
{
	uint64_t end = 0, longest = 0;

	for (size_t i = 0; i < writing->model->process_count; i++) {
		const struct process *process = &writing->model->processes[i];
		uint64_t its_end = process->snapshot_realtime_ns
					   ? process->snapshot_realtime_ns
					   : process->start_realtime_ns + process->run_ns;
		if (its_end > end)
			end = its_end;
		if (process->run_ns > longest)
			longest = process->run_ns;
	}
	writing->profile->time_nanos = clamp(end);
	writing->profile->duration_nanos = clamp(longest);
}

static void add_comment(struct writing *writing, const char *text)
{
	Pprof__Profile *profile = writing->profile;

	profile->comment = memory_grow(profile->comment, &writing->comment_room,
		profile->n_comment + 1, sizeof(*profile->comment));
	profile->comment[profile->n_comment++] = pprof_places_text(&writing->places, text);
}

static void comment_process(struct writing *writing, const struct process *process)
{
	char *text;
	size_t size;
	FILE *out = memory_stream(&text, &size);

	fprintf(out, "[%d] %s:", process->pid, model_state_names[process->state]);
	for (char **arg = process->args; arg && *arg; arg++)
		fprintf(out, " %s", *arg);
	if (process->args_cut)
		fputs(" ...", out);
	memory_stream_end(out);
	add_comment(writing, text);
	free(text);
}

/* What is missing, as the report for people notes it below its sites. */
static void comment_notes(struct writing *writing, const struct render_options *options)
{
	struct render_options plain = {.group = options->group, .quiet = true};
	bool *unnamed = memory_zero(writing->model->module_count, sizeof(*unnamed));
	char *text;
	size_t size;
	FILE *out = memory_stream(&text, &size);

	render_notes(writing->model, &plain, unnamed, out);
	memory_stream_end(out);
	for (char *rest = text, *line; (line = strsep(&rest, "\n")) != NULL;)
		if (strncmp(line, "note: ", 6) == 0)
			add_comment(writing, line);
	free(text);
	free(unnamed);
}

static void comment_hidden(struct writing *writing)
{
	const struct model *model = writing->model;
	struct amount hidden = {0};
	char small[2][TEXT_SMALL], text[256];

	for (size_t i = 0; i < model->row_count; i++)
		if (model->rows[i].site->class == CLASS_SUPPRESSED) {
			hidden.bytes += model->rows[i].live.bytes;
			hidden.blocks += model->rows[i].live.blocks;
		}
	if (hidden.blocks) {
		snprintf(text, sizeof(text), "suppressed, and not in this profile: %s in %s %s",
			text_bytes(small[0], hidden.bytes), text_count(small[1], hidden.blocks),
			text_plural(hidden.blocks, "block", "blocks"));
		add_comment(writing, text);
	}
	add_comment(writing,
		model->scope.older
			? "with --older nobody knows what was given back: alloc_* is as inuse_*"
			: "alloc_* is of call sites that still have something; what was given back "
			  "there is kind=freed");
}

static void add_comments(struct writing *writing, const struct render_options *options)
{
	add_comment(writing, writing->model->verdict.line);
	for (size_t i = 0; i < writing->model->process_count; i++)
		comment_process(writing, &writing->model->processes[i]);
	comment_hidden(writing);
	comment_notes(writing, options);
}

struct buffer {
	ProtobufCBuffer base; /* has to be first */
	struct render_gzip *gzip;
};

static void append(ProtobufCBuffer *buffer, size_t size, const uint8_t *bytes)
{
	render_gzip_write(((struct buffer *)buffer)->gzip, bytes, size);
}

static void render(const struct model *model, const struct render_options *options, FILE *out)
{
	struct writing writing = {
		.model = model, .profile = memory_zero(1, sizeof(*writing.profile))};
	struct buffer buffer = {.base.append = append, .gzip = render_gzip_start(out)};

	pprof__profile__init(writing.profile);
	pprof_places_start(&writing.places, model, writing.profile);
	add_types(&writing);
	add_samples(&writing);
	set_times(&writing);
	add_comments(&writing, options);
	pprof__profile__pack_to_buffer(writing.profile, &buffer.base);
	render_gzip_end(buffer.gzip);
	pprof_places_end(&writing.places);
	pprof__profile__free_unpacked(writing.profile, NULL);
}

const struct render_format render_pprof = {
	.name = "pprof",
	.help = "a profile for go tool pprof and its kin (binary)",
	.all_sites = true,
	.only_sites = true,
	.binary = true,
	.wants_segments = true,
	.render = render,
};
