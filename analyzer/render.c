/* The table of output formats. Called by cmd_report.c and the help. */
#include "render.h"

#include "render_formats.h"

#include <string.h>

static const struct render_format *const formats[] = {
	&render_text,
	&render_html,
	&render_json,
	&render_folded,
	&render_pprof,
	&render_dhat,
	&render_speedscope,
	&render_sarif,
	&render_junit,
	&render_gitlab,
	&render_github,
	&render_markdown,
	&render_valgrind_xml,
	&render_memcheck,
};

#define FORMATS (sizeof(formats) / sizeof(formats[0]))

const struct render_format *render_find(const char *name)
{
	for (size_t i = 0; i < FORMATS; i++)
		if (strcmp(formats[i]->name, name) == 0)
			return formats[i];
	return NULL;
}

const char *render_names(void)
{
	static char names[256];

	names[0] = '\0';
	for (size_t i = 0; i < FORMATS; i++) {
		if (i)
			strcat(names, "|");
		strncat(names, formats[i]->name, sizeof(names) - strlen(names) - 2);
	}
	return names;
}
