/* Every output format there is; the table in render.c lists the same. */
#ifndef LEAK_RENDER_FORMATS_H
#define LEAK_RENDER_FORMATS_H

#include "render.h"

extern const struct render_format render_text;
extern const struct render_format render_json;
extern const struct render_format render_folded;

#endif
