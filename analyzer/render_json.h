/* Pieces of the JSON report that several of its parts are made of. */
#ifndef LEAK_RENDER_JSON_H
#define LEAK_RENDER_JSON_H

#include "model.h"
#include "text.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

/* Counters of hostile images may exceed what JSON integers hold. */
static inline json_t *number(uint64_t value)
{
	return json_integer(value > INT64_MAX ? INT64_MAX : (json_int_t)value);
}

/* null for NULL; text that is not UTF-8 is escaped first. */
static inline json_t *string(const char *text)
{
	json_t *json;

	if (text == NULL)
		return json_null();
	if ((json = json_string(text)) != NULL)
		return json;
	char *escaped = text_escape(text);
	json = json_string(escaped);
	free(escaped);
	return json;
}

static inline json_t *amount(const struct amount *amount, const char *count_name)
{
	json_t *json = json_object();

	json_object_set_new(json, "bytes", number(amount->bytes));
	json_object_set_new(json, count_name, number(amount->blocks));
	return json;
}

/* To the millisecond: the clock is no finer, and the digits stay short (see render_json_element).
 */
static inline json_t *seconds(uint64_t ns)
{
	uint64_t ms = ns / 1000000 + (ns % 1000000 >= 500000);

	return json_real((double)ms / 1e3);
}

/* Where each process is in the report, by its id. For the caller to free. */
size_t *render_json_places(const struct model *model);

/* A process, a call site without its stack, an entry that hid something, as the report has them.
 * `numbers`: where each of the model's sites is in the report, from 1; 0: it is not. `places`: of
 * render_json_places. */
json_t *render_json_process(const struct model *model, const struct process *process);
json_t *render_json_site(const struct site *site, const size_t *numbers, const size_t *places);
json_t *render_json_used(const struct used_suppression *used);

/* Writes any value, and releases it. */
void render_json_value(json_t *json, FILE *out);

/* Writes one element of an array, and releases it. One element a line: a report of ten thousand
 * sites stays greppable and is never one tree. */
void render_json_element(json_t *json, bool first, FILE *out);

/* The frames from `frame` outwards, inlined calls too. Sets `ret_cut` when that is not all. */
json_t *render_json_frames(const struct model *model, uint32_t frame, bool *ret_cut);

#endif
