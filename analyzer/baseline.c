/*
 * Compares the sites of a model with a baseline. Called by cmd_report.c, cmd_baseline.c and gates.
 *
 * A site is known by its fingerprint: kind, allocator, and the names of the eight innermost
 * functions of its own code. Names are not all: a second leak in the same function, by the same
 * callers, has the same fingerprint. So an entry also tells at how many places (that differ in a
 * line somewhere in the stack) blocks were lost. Lines themselves move; their number does not. With
 * more places than the baseline has, one of them is new, and all are called so, because which it is
 * cannot be told. Without line information there is one place.
 *
 * Compilers replace allocators: malloc and memset become calloc, realloc(NULL) becomes malloc. So
 * an entry that no site has by its fingerprint is given to a site with just the same functions and
 * another allocator of C. That cannot hide a new leak while the old one is there: then the
 * old one has the entry.
 *
 * More is not forgiven. A stack that lacks a frame, because a function ended with a call, looks
 * like a new way to the same leak; most of these are put back from debug information when the stack
 * is symbolized (symbol_tails.c). To match stacks that merely resemble each other would hide what a
 * baseline is there to show: the old function that is called from a new place. The class is not
 * compared: what lies around on the stack makes a lost block possibly lost.
 *
 * What is missed: a new leak on the very line of a known one, or in a function that left no frame;
 * and one with the functions and the allocator of a leak that is gone. They show as grown at most.
 */
#include "baseline.h"

#include "fingerprint.h"
#include "frame_names.h"
#include "memory.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Sites with one fingerprint. */
struct group {
	struct site **sites;
	size_t count, places;
	struct amount amount;
	struct baseline_entry *entry;
};

struct groups {
	struct site **sites;
	struct group *groups;
	size_t count;
};

/* The 16 hex digits of a fingerprint; 0: it is none. */
static uint64_t parse_fingerprint(const char *text)
{
	if (text == NULL || strlen(text) != 16 || text[strspn(text, "0123456789abcdef")] != '\0')
		return 0;
	return strtoull(text, NULL, 16);
}

/* Returns NULL, or what is wrong. Absent is not wrong: `ret_known` tells. */
static const char *read_count(
	const json_t *json, const char *key, uint64_t *ret, bool *ret_known, const char *wrong)
{
	const json_t *value = json_object_get(json, key);

	*ret_known = value != NULL && !json_is_null(value);
	if (!*ret_known)
		return NULL;
	if (!json_is_integer(value) || json_integer_value(value) < 0)
		return wrong;
	*ret = (uint64_t)json_integer_value(value);
	return NULL;
}

static const char *read_text(const json_t *json, const char *key, const char **ret)
{
	const json_t *value = json_object_get(json, key);

	if (value != NULL && !json_is_null(value) && !json_is_string(value))
		return "\"fn\", \"file\", \"kind\", \"allocator\" and \"note\" must be strings";
	*ret = json_string_value(value); /* NULL: none */
	return NULL;
}

static const char *read_frames(const json_t *json, const char *allocator, uint64_t *ret)
{
	const json_t *frames = json_object_get(json, "frames");
	const char *names[FRAME_NAMES_MAX];
	size_t count = 0;

	if (frames == NULL || json_is_null(frames))
		return NULL;
	if (!json_is_array(frames))
		return "\"frames\" must be an array of strings";
	for (size_t i = 0; i < json_array_size(frames); i++) {
		const char *name = json_string_value(json_array_get(frames, i));
		if (name == NULL)
			return "\"frames\" must be an array of strings";
		if (count < FRAME_NAMES_MAX)
			names[count++] = name;
	}
	if (allocator && count)
		*ret = fingerprint_loose(allocator, names, count);
	return NULL;
}

static const char *read_entry(struct baseline_entry *entry, const json_t *json)
{
	const char *wrong, *allocator = NULL;
	bool bytes, blocks, places;

	if (!json_is_object(json))
		return "a line must be a JSON object";
	entry->fingerprint = parse_fingerprint(json_string_value(json_object_get(json, "fp")));
	if (entry->fingerprint == 0)
		return "\"fp\" must be a fingerprint, 16 hex digits";
	if ((wrong = read_text(json, "fn", &entry->function)) ||
		(wrong = read_text(json, "file", &entry->file)) ||
		(wrong = read_text(json, "kind", &entry->kind)) ||
		(wrong = read_text(json, "allocator", &allocator)) ||
		(wrong = read_text(json, "note", &entry->note)) ||
		(wrong = read_count(json, "bytes", &entry->amount.bytes, &bytes,
			 "\"bytes\" must be a whole number, not below 0")) ||
		(wrong = read_count(json, "blocks", &entry->amount.blocks, &blocks,
			 "\"blocks\" must be a whole number, not below 0")) ||
		(wrong = read_count(json, "places", &entry->places, &places,
			 "\"places\" must be a whole number, not below 0")))
		return wrong;
	entry->amount_known = bytes && blocks;
	return read_frames(json, allocator, &entry->loose);
}

const char *baseline_add(struct baseline *baseline, json_t *json)
{
	struct baseline_entry entry = {.json = json};
	const char *wrong = read_entry(&entry, json);

	if (wrong != NULL) {
		json_decref(json);
		return wrong;
	}
	baseline->entries = memory_grow(baseline->entries, &baseline->capacity, baseline->count + 1,
		sizeof(*baseline->entries));
	baseline->entries[baseline->count++] = entry;
	return NULL;
}

static int compare_entries(const void *a, const void *b)
{
	const struct baseline_entry *one = a, *other = b;

	return one->fingerprint < other->fingerprint ? -1 : one->fingerprint > other->fingerprint;
}

static bool is_larger(const struct baseline_entry *one, const struct baseline_entry *other)
{
	if (one->amount.blocks != other->amount.blocks)
		return one->amount.blocks > other->amount.blocks;
	if (one->places != other->places)
		return one->places > other->places;
	return one->amount.bytes > other->amount.bytes;
}

static bool has_note(const struct baseline_entry *entry)
{
	return entry->note && entry->note[0];
}

static void set_note(struct baseline_entry *entry, const char *note)
{
	json_object_set_new(entry->json, "note", json_string(note));
	entry->note = json_string_value(json_object_get(entry->json, "note"));
}

/* Of two lines for one fingerprint, as a merge of two branches leaves them. */
static void unite(struct baseline_entry *to, struct baseline_entry *from)
{
	if (is_larger(from, to)) {
		struct baseline_entry larger = *from;
		*from = *to;
		*to = larger;
	}
	if (!has_note(to) && has_note(from))
		set_note(to, from->note);
	json_decref(from->json);
}

void baseline_settle(struct baseline *baseline)
{
	size_t kept = 0;

	if (baseline->count)
		qsort(baseline->entries, baseline->count, sizeof(*baseline->entries),
			compare_entries);
	for (size_t i = 0; i < baseline->count; i++) {
		struct baseline_entry *entry = &baseline->entries[i];
		if (kept && baseline->entries[kept - 1].fingerprint == entry->fingerprint)
			unite(&baseline->entries[kept - 1], entry);
		else
			baseline->entries[kept++] = *entry;
	}
	baseline->count = kept;
}

static struct baseline_entry *find_entry(const struct baseline *baseline, uint64_t fingerprint)
{
	struct baseline_entry key = {.fingerprint = fingerprint};

	if (baseline->count == 0)
		return NULL;
	return bsearch(&key, baseline->entries, baseline->count, sizeof(*baseline->entries),
		compare_entries);
}

static bool concerns(const struct model *model, const struct site *site, unsigned kinds)
{
	if (site->left_out || site->class == CLASS_SUPPRESSED || site->live.blocks == 0)
		return false;
	if (kinds != BASELINE_DEFAULT)
		return kinds & CLASS_BIT(site->class);
	return site->kind != KIND_HEAP || site->class == CLASS_DEFINITE ||
	       site->class == CLASS_POSSIBLE ||
	       (site->class == CLASS_UNKNOWN && !model_is_classified(model));
}

static int compare_sites(const void *a, const void *b)
{
	const struct site *one = *(struct site *const *)a, *other = *(struct site *const *)b;

	if (one->fingerprint != other->fingerprint)
		return one->fingerprint < other->fingerprint ? -1 : 1;
	if (one->place != other->place)
		return one->place < other->place ? -1 : 1;
	if (one->live.bytes != other->live.bytes) /* the largest speaks for them */
		return one->live.bytes > other->live.bytes ? -1 : 1;
	return one < other ? -1 : one > other;
}

static void add_to_group(struct group *group, struct site *site)
{
	if (group->count == 0 || group->sites[group->count - 1]->place != site->place)
		group->places++;
	group->sites[group->count++] = site;
	group->amount.bytes += site->live.bytes;
	group->amount.blocks += site->live.blocks;
}

static void group_sites(struct groups *groups, const struct model *model, unsigned kinds)
{
	size_t count = 0;

	groups->sites = memory_zero(model->site_count, sizeof(*groups->sites));
	groups->groups = memory_zero(model->site_count, sizeof(*groups->groups));
	groups->count = 0;
	for (size_t i = 0; i < model->site_count; i++)
		if (concerns(model, &model->sites[i], kinds))
			groups->sites[count++] = &model->sites[i];
	if (count)
		qsort(groups->sites, count, sizeof(*groups->sites), compare_sites);
	for (size_t i = 0; i < count; i++) {
		struct site *site = groups->sites[i];
		if (i == 0 || groups->sites[i - 1]->fingerprint != site->fingerprint)
			groups->groups[groups->count++].sites = &groups->sites[i];
		add_to_group(&groups->groups[groups->count - 1], site);
	}
}

static void free_groups(struct groups *groups)
{
	free(groups->sites);
	free(groups->groups);
}

static json_t *count_json(uint64_t count)
{
	return json_integer(count > INT64_MAX ? INT64_MAX : (json_int_t)count);
}

/* Text that is not UTF-8 has no place in JSON; a name of a function is never so in practice. */
static json_t *text_json(const char *text)
{
	json_t *json = text ? json_string(text) : NULL;

	return json ? json : json_string("?");
}

static json_t *frames_json(const struct frame_names *names)
{
	json_t *json = json_array();

	for (size_t i = 0; i < names->count; i++)
		json_array_append_new(json, text_json(names->names[i]));
	return json;
}

/* An absolute path differs from one machine to the next: its last two parts must do. */
static const char *lasting_path(const char *file)
{
	const char *last = strrchr(file, '/');

	if (file[0] != '/' || last == file)
		return file;
	while (last > file && last[-1] != '/')
		last--;
	return last;
}

/* The innermost function by its name in `names`, and the file that it is in by the focus. */
static json_t *entry_json(const struct model *model, const struct group *group)
{
	const struct site *site = group->sites[0];
	json_t *json = json_object();
	struct frame_names names;
	char id[17];
	size_t index;
	uint32_t number = model_site_focus(model, site, &index);
	const struct symbol *symbol = model->frames[number].symbol;

	frame_names_read(&names, model, site);
	const char *bang = names.count ? strchr(names.names[0], '!') : NULL;
	snprintf(id, sizeof(id), "%016" PRIx64, site->fingerprint);
	json_object_set_new(json, "fp", json_string(id));
	json_object_set_new(json, "fn",
		text_json(bang          ? bang + 1
			  : names.count ? names.names[0]
					: "?"));
	const char *file = symbol ? symbol->locations[index].file : NULL;
	json_object_set_new(json, "file", text_json(file ? lasting_path(file) : ""));
	json_object_set_new(json, "kind",
		json_string(site->kind == KIND_HEAP ? model_class_names[site->class]
						    : model_kind_names[site->kind]));
	json_object_set_new(json, "allocator", text_json(site->allocator_symbol));
	json_object_set_new(json, "bytes", count_json(group->amount.bytes));
	json_object_set_new(json, "blocks", count_json(group->amount.blocks));
	json_object_set_new(json, "places", count_json(group->places));
	json_object_set_new(json, "frames", frames_json(&names));
	json_object_set_new(json, "note", json_string(""));
	frame_names_free(&names);
	return json;
}

void baseline_fill(struct baseline *baseline, const struct model *model, unsigned kinds)
{
	struct groups groups;

	group_sites(&groups, model, kinds);
	for (size_t i = 0; i < groups.count; i++)
		baseline_add(baseline, entry_json(model, &groups.groups[i]));
	free_groups(&groups);
	baseline_settle(baseline);
}

/* An entry that nobody has by its fingerprint, for the same functions. */
static struct baseline_entry *find_loosely(
	const struct baseline *baseline, const struct model *model, const struct site *site)
{
	struct frame_names names;

	frame_names_read(&names, model, site);
	uint64_t loose = fingerprint_loose(
		site->allocator_symbol, (const char *const *)names.names, names.count);
	frame_names_free(&names);
	for (size_t i = 0; i < baseline->count; i++)
		if (!baseline->entries[i].seen && baseline->entries[i].loose == loose)
			return &baseline->entries[i];
	return NULL;
}

static void take_entry(struct group *group, struct baseline_entry *entry)
{
	group->entry = entry;
	if (entry == NULL)
		return;
	entry->seen = true;
	entry->now = group->amount;
	entry->places_now = group->places;
}

static enum baseline_status status_of(const struct group *group)
{
	const struct baseline_entry *entry = group->entry;

	if (entry == NULL || (entry->places && group->places > entry->places))
		return BASELINE_NEW;
	return entry->amount_known && group->amount.blocks > entry->amount.blocks ? BASELINE_GROWN
										  : BASELINE_KNOWN;
}

static void mark_group(const struct group *group, struct comparison *comparison)
{
	const struct baseline_entry *entry = group->entry;
	enum baseline_status status = status_of(group);

	for (size_t i = 0; i < group->count; i++) {
		struct site *site = group->sites[i];
		site->baseline = status;
		site->baseline_places = entry ? entry->places : 0;
		site->places_now = group->places;
		site->baseline_amount = entry ? entry->amount : (struct amount){0};
	}
	if (status == BASELINE_NEW)
		comparison->added += group->places - (entry ? entry->places : 0);
	comparison->grown += status == BASELINE_GROWN;
	comparison->known += status == BASELINE_KNOWN;
}

void baseline_match(struct baseline *baseline, struct model *model, unsigned kinds)
{
	struct groups groups;

	model->comparison = (struct comparison){.done = true};
	for (size_t i = 0; i < model->site_count; i++)
		model->sites[i].baseline = BASELINE_NONE;
	for (size_t i = 0; i < baseline->count; i++)
		baseline->entries[i].seen = false;
	group_sites(&groups, model, kinds);
	for (size_t i = 0; i < groups.count; i++)
		take_entry(&groups.groups[i],
			find_entry(baseline, groups.groups[i].sites[0]->fingerprint));
	for (size_t i = 0; i < groups.count; i++) {
		struct group *group = &groups.groups[i];
		if (group->entry == NULL)
			take_entry(group, find_loosely(baseline, model, group->sites[0]));
		mark_group(group, &model->comparison);
	}
	for (size_t i = 0; i < baseline->count; i++)
		model->comparison.gone += !baseline->entries[i].seen;
	free_groups(&groups);
}

void baseline_inherit(struct baseline *baseline, const struct baseline *former, const char *note)
{
	for (size_t i = 0; i < baseline->count; i++) {
		struct baseline_entry *entry = &baseline->entries[i];
		const struct baseline_entry *old = find_entry(former, entry->fingerprint);
		for (size_t f = 0; f < former->count && old == NULL && entry->loose; f++)
			if (former->entries[f].loose == entry->loose &&
				find_entry(baseline, former->entries[f].fingerprint) == NULL)
				old = &former->entries[f];
		if (old != NULL)
			json_object_update_missing(entry->json, old->json);
		if (old != NULL && has_note(old))
			set_note(entry, old->note);
		else if (note)
			set_note(entry, note);
	}
}

void baseline_prune(struct baseline *baseline)
{
	size_t kept = 0;

	for (size_t i = 0; i < baseline->count; i++) {
		if (baseline->entries[i].seen)
			baseline->entries[kept++] = baseline->entries[i];
		else
			json_decref(baseline->entries[i].json);
	}
	baseline->count = kept;
}

void baseline_free(struct baseline *baseline)
{
	for (size_t i = 0; i < baseline->count; i++)
		json_decref(baseline->entries[i].json);
	free(baseline->entries);
	*baseline = (struct baseline){0};
}
