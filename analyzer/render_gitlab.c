/*
 * GitLab's Code Quality report: a JSON array of findings. Called through the table in render.c.
 * What is suppressed is left out: the format has no word for it.
 */
#include "render_formats.h"

#include "memory.h"
#include "render_json.h"
#include "render_site.h"
#include "text.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>

static const char *severity(const struct site *site)
{
	static const char *const severities[CLASS_COUNT] = {
		[CLASS_DEFINITE] = "major",
		[CLASS_INDIRECT] = "info",
		[CLASS_POSSIBLE] = "minor",
		[CLASS_REACHABLE] = "info",
		[CLASS_UNKNOWN] = "minor",
		[CLASS_SUPPRESSED] = "info",
	};

	return severities[site->class];
}

/* Neither bytes nor lines are in the fingerprint: what is known stays known when they change. */
static json_t *finding(
	const struct model *model, const struct site *site, size_t ordinal, const char *root)
{
	struct render_place place = render_place_of_site(model, site, root);
	char *text = render_message(site, &place), fingerprint[64];
	json_t *json = json_object(), *part = json_object(), *lines = json_object();

	snprintf(fingerprint, sizeof(fingerprint), "%016" PRIx64 "-%s-%zu", site->fingerprint,
		model_class_names[site->class], ordinal);
	json_object_set_new(json, "description", string(text));
	json_object_set_new(json, "check_name", json_string(render_rule(site)));
	json_object_set_new(json, "fingerprint", json_string(fingerprint));
	json_object_set_new(json, "severity", json_string(severity(site)));
	json_object_set_new(part, "path", string(place.file ? place.file : "unknown"));
	json_object_set_new(lines, "begin", json_integer(place.line ? place.line : 1));
	json_object_set_new(part, "lines", lines);
	json_object_set_new(json, "location", part);
	free(text);
	render_place_free(&place);
	return json;
}

static void render(const struct model *model, const struct render_options *options, FILE *out)
{
	size_t *ordinals = render_ordinals(model);
	bool first = true;

	putc('[', out);
	for (size_t i = 0; i < model->row_count; i++) {
		const struct row *row = &model->rows[i];
		if (!render_is_defect(row) || row->site->class == CLASS_SUPPRESSED)
			continue;
		json_t *json = finding(model, row->site, ordinals[i], options->source_root);
		fputs(first ? "\n" : ",\n", out);
		json_dumpf(json, out, JSON_COMPACT);
		json_decref(json);
		first = false;
	}
	fputs(first ? "]\n" : "\n]\n", out);
	free(ordinals);
}

const struct render_format render_gitlab = {
	.name = "gitlab",
	.help = "GitLab's Code Quality report",
	.all_sites = true,
	.only_sites = true,
	.kinds = CLASSES_SUSPECT,
	.render = render,
};
