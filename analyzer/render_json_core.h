/* What a core tells, for machines. */
#ifndef LEAK_RENDER_JSON_CORE_H
#define LEAK_RENDER_JSON_CORE_H

#include "model.h"

#include <jansson.h>

/* Adds the fields to the process's object; null each when it was not read from a core. */
void render_json_core(json_t *json, const struct model *model, const struct process *process);

#endif
