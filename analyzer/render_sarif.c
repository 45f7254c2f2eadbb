/*
 * SARIF 2.1.0, within what GitHub's code scanning takes: one result for each call site of blocks or
 * regions, the stack as its code flow. Called through the table in render.c. A place that has no
 * source line points to the module; GitHub shows such a result without code.
 */
#define _GNU_SOURCE
#include "render_formats.h"

#include "memory.h"
#include "render_json.h"
#include "render_site.h"
#include "text.h"

#include <ctype.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RESULTS_MAX 5000 /* GitHub keeps no more of a run */
#define STEPS_MAX 1000   /* and shows no more of a code flow */
#define UNSEEN_TOLD 100  /* processes that were not judged */
#define ROOT "%SRCROOT%"

/* The levels are SARIF's. Ids that are missing are kept for kinds of findings to come. */
static const struct rule {
	const char *id, *name, *level, *brief, *full, *help;
} rules[] = {
	{"LEAK001", "definitely-lost", "error", "Memory is lost",
		"Nothing in the program points to these blocks any more, so they can never be "
		"freed.",
		"Free the block before the last pointer to it is overwritten or goes out of scope. "
		"What is lost through it is freed by the same repair."},
	{"LEAK002", "indirectly-lost", "note", "Memory is lost together with what points to it",
		"Only blocks that are themselves lost point to these blocks.",
		"Repair what is definitely lost first: these blocks go with it."},
	{"LEAK003", "possibly-lost", "warning", "Memory may be lost",
		"Only pointers into the middle of these blocks were found.",
		"If the program keeps such pointers by intent, suppress the site; else free it."},
	{"LEAK004", "still-reachable", "note", "Memory was not freed, but could have been",
		"The program could still get at these blocks at its end.",
		"Harmless if it is allocated once. If it grows, limit what keeps it."},
	{"LEAK006", "still-mapped", "note", "A mapped region was not unmapped",
		"The region was mapped by the program and is still there.",
		"Call munmap when the region is no longer needed."},
	{"LEAK007", "shared-memory-attached", "note", "Shared memory was not detached",
		"The segment was attached by the program and is still there.",
		"Call shmdt when the segment is no longer needed."},
	{"LEAK011", "not-freed", "warning", "Memory was not freed",
		"These blocks were not freed, and it is not known whether they are lost.",
		"Let the program end by itself, so that it is searched for pointers at its end."},
};

#define RULES (sizeof(rules) / sizeof(rules[0]))

static size_t rule_index(const struct site *site)
{
	const char *id = render_rule(site);
	size_t index = 0;

	while (index + 1 < RULES && strcmp(rules[index].id, id) != 0)
		index++;
	return index;
}

/* {"text": …} */
/* "[](int)" of an operator would be a link, by SARIF's rules for messages, to an address "int". A
 * space is right for readers that know these rules and for those that do not, other than a
 * backslash. */
static char *without_links(const char *text)
{
	size_t size = strlen(text), used = 0;
	char *plain = memory_zero(2 * size + 1, 1);

	for (size_t i = 0; i < size; i++) {
		plain[used++] = text[i];
		if (text[i] == ']' && text[i + 1] == '(')
			plain[used++] = ' ';
	}
	return plain;
}

static json_t *message(const char *text)
{
	json_t *json = json_object();
	char *plain = without_links(text);

	json_object_set_new(json, "text", string(plain));
	free(plain);
	return json;
}

static json_t *rule_json(const struct rule *rule)
{
	json_t *json = json_object(), *part;

	json_object_set_new(json, "id", json_string(rule->id));
	json_object_set_new(json, "name", json_string(rule->name));
	json_object_set_new(json, "shortDescription", message(rule->brief));
	json_object_set_new(json, "fullDescription", message(rule->full));
	json_object_set_new(json, "help", message(rule->help));
	part = json_object();
	json_object_set_new(part, "level", json_string(rule->level));
	json_object_set_new(json, "defaultConfiguration", part);
	part = json_object();
	json_object_set_new(part, "tags", json_pack("[s,s]", "memory", "leak"));
	json_object_set_new(part, "precision",
		json_string(strcmp(rule->level, "error") == 0 ? "very-high" : "medium"));
	json_object_set_new(part, "problem.severity",
		json_string(strcmp(rule->level, "note") == 0 ? "recommendation" : rule->level));
	json_object_set_new(json, "properties", part);
	return json;
}

/* `start` and then the path with everything but letters, digits and -._~/ as %XX. */
static json_t *uri(const char *start, const char *path, const char *end)
{
	char *text = memory_zero(strlen(start) + 3 * strlen(path) + strlen(end) + 1, 1);
	char *out = stpcpy(text, start);
	json_t *json;

	for (const char *c = path; *c; c++)
		if (isalnum((unsigned char)*c) || strchr("-._~/", *c))
			*out++ = *c;
		else
			out += sprintf(out, "%%%02X", (unsigned char)*c);
	strcpy(out, end);
	json = json_string(text);
	free(text);
	return json;
}

static json_t *artifact_location(const struct render_place *place)
{
	json_t *json = json_object();

	json_object_set_new(
		json, "uri", uri(place->file[0] == '/' ? "file://" : "", place->file, ""));
	if (place->below_root)
		json_object_set_new(json, "uriBaseId", json_string(ROOT));
	return json;
}

/* One column of the line where it is known: how long the line is nobody looks up. */
static json_t *region(uint32_t line)
{
	json_t *json = json_object();

	json_object_set_new(json, "startLine", json_integer(line));
	json_object_set_new(json, "startColumn", json_integer(1));
	json_object_set_new(json, "endLine", json_integer(line));
	json_object_set_new(json, "endColumn", json_integer(2));
	return json;
}

/* `needs_region`: GitHub refuses a result without a line, so the first one stands for none. */
static json_t *location_json(const struct render_place *place, bool needs_region)
{
	json_t *json = json_object(), *physical = json_object(), *part;

	if (place->file) {
		json_object_set_new(physical, "artifactLocation", artifact_location(place));
		if (place->line || needs_region)
			json_object_set_new(
				physical, "region", region(place->line ? place->line : 1));
		if (!place->is_source && place->offset && place->offset <= INT64_MAX) {
			part = json_object();
			json_object_set_new(part, "relativeAddress", number(place->offset));
			json_object_set_new(physical, "address", part);
		}
		json_object_set(json, "physicalLocation", physical);
	}
	json_decref(physical);
	if (place->function) {
		part = json_object();
		json_object_set_new(part, "fullyQualifiedName", string(place->function));
		json_object_set_new(part, "kind", json_string("function"));
		json_object_set_new(json, "logicalLocations", json_pack("[o]", part));
	}
	return json;
}

static json_t *step(const struct render_place *place)
{
	json_t *json = json_object(), *location = location_json(place, true);
	const char *text = place->function ? place->function
			   : place->file   ? text_basename(place->file)
					   : "unknown code";

	json_object_set_new(location, "message", message(text));
	json_object_set_new(json, "location", location);
	return json;
}

/* The stack from the outermost frame to the allocation. */
static json_t *code_flows(const struct model *model, const struct site *site, const char *root)
{
	json_t *steps = json_array();

	for (uint32_t at = site->frame; at; at = model->frames[at].parent) {
		const struct frame *frame = &model->frames[at];
		size_t count = frame->symbol ? frame->symbol->count : 1;
		for (size_t i = 0; i < count && json_array_size(steps) < STEPS_MAX; i++) {
			struct render_place place = render_artifact_of(model, frame,
				frame->symbol ? &frame->symbol->locations[i] : NULL, root);
			json_array_append_new(steps, step(&place));
			render_place_free(&place);
		}
	}
	json_t *outermost_first = json_array();
	for (size_t i = json_array_size(steps); i-- > 0;)
		json_array_append(outermost_first, json_array_get(steps, i));
	json_decref(steps);
	return json_pack("[{s:[{s:o}]}]", "threadFlows", "locations", outermost_first);
}

static json_t *suppressions(const struct site *site)
{
	json_t *json = json_object();

	json_object_set_new(json, "kind", json_string(site->suppression ? "external" : "inSource"));
	json_object_set_new(json, "status", json_string("accepted"));
	json_object_set_new(json, "justification",
		site->suppression ? string(site->suppression)
				  : json_string("the program asked for it (leak.h)"));
	return json_pack("[o]", json);
}

/* Compared with --baseline, in SARIF's words. */
static const char *baseline_state(const struct site *site)
{
	switch (site->baseline) {
	case BASELINE_NEW:
		return "new";
	case BASELINE_GROWN:
		return "updated";
	case BASELINE_KNOWN:
		return "unchanged";
	default:
		return NULL;
	}
}

static json_t *site_properties(const struct site *site)
{
	json_t *json = amount(&site->live, "blocks");

	json_object_set_new(json, "kind", string(model_kind_names[site->kind]));
	json_object_set_new(json, "class", string(model_class_names[site->class]));
	json_object_set_new(json, "allocator", string(site->allocator));
	json_object_set_new(json, "indirectBytes", number(site->indirect.bytes));
	json_object_set_new(json, "indirectBlocks", number(site->indirect.blocks));
	json_object_set_new(json, "totalAllocs", number(site->total_allocs));
	return json;
}

static json_t *result_json(
	const struct model *model, const struct site *site, size_t ordinal, const char *root)
{
	struct render_place place = render_place_of_site(model, site, root);
	size_t index = rule_index(site);
	json_t *json = json_object();
	char *text = render_message(site, &place), fingerprint[48];

	snprintf(
		fingerprint, sizeof(fingerprint), "%016" PRIx64 ":%zu", site->fingerprint, ordinal);
	json_object_set_new(json, "ruleId", json_string(rules[index].id));
	json_object_set_new(json, "ruleIndex", json_integer((json_int_t)index));
	json_object_set_new(json, "level", json_string(rules[index].level));
	json_object_set_new(json, "message", message(text));
	json_object_set_new(
		json, "locations", json_pack("[o]", location_json(&place, place.file != NULL)));
	json_object_set_new(json, "partialFingerprints",
		json_pack("{s:s}", "primaryLocationLineHash", fingerprint));
	if (site->frame)
		json_object_set_new(json, "codeFlows", code_flows(model, site, root));
	if (baseline_state(site))
		json_object_set_new(json, "baselineState", json_string(baseline_state(site)));
	if (site->class == CLASS_SUPPRESSED)
		json_object_set_new(json, "suppressions", suppressions(site));
	json_object_set_new(json, "properties", site_properties(site));
	free(text);
	render_place_free(&place);
	return json;
}

static void write_json(json_t *json, FILE *out)
{
	json_dumpf(json, out, JSON_COMPACT | JSON_ENCODE_ANY);
	json_decref(json);
}

/* "leak/app/": what GitHub calls the category. Without the name where there are several programs.
 */
static json_t *category(const struct model *model)
{
	const char *name = model->process_count ? model->processes[0].exe : NULL;
	char *text;
	json_t *json;

	for (size_t i = 1; i < model->process_count && name; i++)
		if (model->processes[i].exe == NULL || strcmp(name, model->processes[i].exe) != 0)
			name = NULL;
	text = name ? memory_join("leak/", text_basename(name), "/") : memory_copy("leak/");
	json = json_object();
	json_object_set_new(json, "id", string(text));
	free(text);
	return json;
}

static json_t *driver(void)
{
	json_t *json = json_object(), *list = json_array();

	for (size_t i = 0; i < RULES; i++)
		json_array_append_new(list, rule_json(&rules[i]));
	json_object_set_new(json, "name", json_string("leak"));
	json_object_set_new(json, "semanticVersion", json_string(LEAK_VERSION ".0"));
	json_object_set_new(json, "rules", list);
	return json_pack("{s:o}", "driver", json);
}

static json_t *notification(const char *level, const char *text)
{
	return json_pack("{s:s,s:o}", "level", level, "message", message(text));
}

static json_t *unseen(const struct unseen *unseen, bool fails)
{
	char *text = NULL;
	json_t *json;

	if (asprintf(&text, "not %s: %s [%d] %s", unseen->recorded ? "judged" : "measured",
		    unseen->program, unseen->pid, unseen->reason) < 0)
		text = NULL;
	json = notification(fails ? "error" : "warning", text ? text : unseen->reason);
	free(text);
	return json;
}

/* What was left out, and whether the measurement is complete. */
static json_t *invocations(const struct model *model, size_t left_out)
{
	json_t *json = json_object(), *notes = json_array();
	char text[96];

	json_object_set_new(json, "executionSuccessful",
		json_boolean(!model->unseen_count || !model->unseen_fails));
	if (left_out) {
		snprintf(text, sizeof(text), "%zu results of less weight were left out", left_out);
		json_array_append_new(notes, notification("warning", text));
	}
	for (size_t i = 0; i < model->unseen_count && i < UNSEEN_TOLD; i++)
		json_array_append_new(notes, unseen(&model->unseen[i], model->unseen_fails));
	if (model->unseen_count > UNSEEN_TOLD) {
		snprintf(text, sizeof(text), "%zu more processes were not measured or not judged",
			model->unseen_count - UNSEEN_TOLD);
		json_array_append_new(
			notes, notification(model->unseen_fails ? "error" : "warning", text));
	}
	if (json_array_size(notes))
		json_object_set_new(json, "toolExecutionNotifications", notes);
	else
		json_decref(notes);
	json_object_set_new(
		json, "properties", json_pack("{s:o}", "verdict", string(model->verdict.line)));
	return json_pack("[o]", json);
}

static void render(const struct model *model, const struct render_options *options, FILE *out)
{
	size_t *ordinals = render_ordinals(model), written = 0, left_out = 0;

	fputs("{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\",\n"
	      "\"version\":\"2.1.0\",\n\"runs\":[{\"tool\":",
		out);
	write_json(driver(), out);
	fputs(",\n\"automationDetails\":", out);
	write_json(category(model), out);
	if (options->source_root) {
		fputs(",\n\"originalUriBaseIds\":{\"" ROOT "\":{\"uri\":", out);
		write_json(uri("file://", options->source_root,
				   options->source_root[1] ? "/" : ""), /* "/" has its slash */
			out);
		fputs("}}", out);
	}
	fputs(",\n\"columnKind\":\"utf16CodeUnits\",\n\"results\":[", out);
	for (size_t i = 0; i < model->row_count; i++) {
		if (!render_is_result(&model->rows[i]))
			continue;
		if (written == RESULTS_MAX) {
			left_out++;
			continue;
		}
		fputs(written++ ? ",\n" : "\n", out);
		write_json(
			result_json(model, model->rows[i].site, ordinals[i], options->source_root),
			out);
	}
	fputs("],\n\"invocations\":", out);
	write_json(invocations(model, left_out), out);
	fputs("}]}\n", out);
	free(ordinals);
}

const struct render_format render_sarif = {
	.name = "sarif",
	.help = "SARIF 2.1.0, for code scanning",
	.all_sites = true,
	.only_sites = true,
	.kinds = CLASSES_SUSPECT,
	.render = render,
};
