/*
 * Folded stacks, one site a line: "main;work;mk 12400", outermost first, live bytes last; what
 * flame graph scripts read. Called through the table in render.c. Suppressed sites are left out.
 */
#include "render_formats.h"

#include "memory.h"
#include "text.h"

#include <inttypes.h>
#include <stdlib.h>

/* A ';' or a newline inside a name would end the frame. */
static void write_name(FILE *out, const char *name)
{
	char *escaped = text_escape(name);

	for (const char *c = escaped; *c; c++)
		putc(*c == ';' ? ':' : *c, out);
	free(escaped);
}

static void write_frame(const struct model *model, const struct frame *frame, FILE *out)
{
	const struct module *module = &model->modules[frame->module];

	for (size_t i = frame->symbol ? frame->symbol->count : 1; i-- > 0;) {
		const char *function = frame->symbol ? frame->symbol->locations[i].function : NULL;
		if (function) {
			write_name(out, function);
		} else if (frame->module) {
			write_name(out, module->name);
			fprintf(out, "+0x%" PRIx64, frame->offset);
		} else {
			fprintf(out, "[0x%" PRIx64 "]", frame->offset);
		}
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
			write_name(out, row->title);
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
