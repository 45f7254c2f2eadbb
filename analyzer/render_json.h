/* Pieces of the JSON report that several of its parts are made of. */
#ifndef LEAK_RENDER_JSON_H
#define LEAK_RENDER_JSON_H

#include "model.h"
#include "text.h"

#include <jansson.h>
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

/* The frames from `frame` outwards, inlined calls too. Sets `ret_cut` when that is not all. */
json_t *render_json_frames(const struct model *model, uint32_t frame, bool *ret_cut);

#endif
