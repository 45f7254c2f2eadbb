/* Every output format there is; the table in render.c lists the same. */
#ifndef LEAK_RENDER_FORMATS_H
#define LEAK_RENDER_FORMATS_H

#include "render.h"

extern const struct render_format render_text;
extern const struct render_format render_json;
extern const struct render_format render_html;
extern const struct render_format render_folded;
extern const struct render_format render_pprof;
extern const struct render_format render_dhat;
extern const struct render_format render_speedscope;
extern const struct render_format render_sarif;
extern const struct render_format render_junit;
extern const struct render_format render_gitlab;
extern const struct render_format render_github;
extern const struct render_format render_markdown;
extern const struct render_format render_valgrind_xml;
extern const struct render_format render_memcheck;

#endif
