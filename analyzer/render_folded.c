/*
 * Folded stacks, one site a line: "main;work;mk 12400", outermost first, live bytes last; what
 * flame graph scripts read. Called through the table in render.c. Suppressed sites are left out.
 */
#include "render_formats.h"

#include "memory.h"
#include "render_frame.h"
#include "text.h"

#include <inttypes.h>
#include <stdlib.h>

/* A ';' inside a name would end the frame. `name` has no control characters. */
static void write_name(FILE *out, const char *name)
{
	for (const char *c = name; *c; c++)
		putc(*c == ';' ? ':' : *c, out);
}

static void write_frame(const struct model *model, const struct frame *frame, FILE *out)
{
	for (size_t i = render_frame_lines(frame); i-- > 0;) {
		char *name = render_frame_name(model, frame, render_frame_line(frame, i));
		write_name(out, name);
		free(name);
		putc(';', out);
	}
}

static void render(const struct model *model, const struct render_options *options, FILE *out)
{
	uint32_t *path = NULL;
	size_t capacity = 0;

	(void)options;
	for (size_t i = 0; i < model->row_count; i++) {
		const struct row *row = &model->rows[i];
		size_t depth = 0;
		if (!row->shown || row->site->class == CLASS_SUPPRESSED)
			continue;
		if (row->title) {
			char *title = text_escape(row->title);
			write_name(out, title);
			free(title);
			fprintf(out, " %" PRIu64 "\n", row->live.bytes);
			continue;
		}
		for (uint32_t number = row->site->frame; number;
			number = model->frames[number].parent) {
			path = memory_grow(path, &capacity, depth + 1, sizeof(*path));
			path[depth++] = number;
		}
		while (depth)
			write_frame(model, &model->frames[path[--depth]], out);
		write_name(out, row->site->allocator);
		fprintf(out, " %" PRIu64 "\n", row->live.bytes);
	}
	free(path);
}

const struct render_format render_folded = {
	.name = "folded",
	.help = "one stack a line for flame graphs, by live bytes",
	.all_sites = true,
	.render = render,
};
