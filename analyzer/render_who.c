/* Paths for people, see render_who.h. Called by cmd_who_points.c. */
#define _GNU_SOURCE
#include "render_who.h"

#include "memory.h"
#include "text.h"
#include "text_function.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX 40 /* bytes of a path that is written whole */
#define INDENT "    "
#define ARROW "          -> "

/* A new text, for the caller to free. */
static __attribute__((format(printf, 1, 2))) char *text_of(const char *format, ...)
{
	va_list arguments;
	char *text;

	va_start(arguments, format);
	int length = vasprintf(&text, format, arguments);
	va_end(arguments);
	return length < 0 ? memory_copy("?") : text;
}

/* The last parts of a long path will do. */
static const char *short_file(const char *file, const char **ret_ellipsis)
{
	const char *from = file + strlen(file);

	*ret_ellipsis = "";
	if (file[0] != '/' || strlen(file) <= FILE_MAX)
		return file;
	for (int parts = 0; from > file && parts < 3;)
		if (*--from == '/')
			parts++;
	*ret_ellipsis = from > file ? "…" : "";
	return from;
}

/* "cache_put (src/cache.c:77)" of the frame of a stack to look at, for the caller to free. */
static char *place_of(const struct model *model, uint32_t frame)
{
	static const struct location unknown;
	const struct site site = {.frame = frame};
	size_t index;

	if (frame == 0)
		return memory_copy("an unknown call site");
	const struct frame *focus = &model->frames[model_site_focus(model, &site, &index)];
	const struct location *location =
		focus->symbol ? &focus->symbol->locations[index] : &unknown;
	const char *ellipsis = "",
		   *file = location->file ? short_file(location->file, &ellipsis) : NULL;
	char *function = text_function(model, focus, location, true), *raw, *escaped;
	if (location->function && file)
		raw = text_of("%s (%s:%" PRIu32 ")", function, location->file, location->line);
	else if (location->function)
		raw = text_of("%s (%s)", function, model->modules[focus->module].name);
	else
		raw = memory_copy(function);
	escaped = text_escape(raw);
	free(function);
	free(raw);
	return escaped;
}

/* "thread 12 'worker'" */
static char *thread_of(const struct path_root *root)
{
	if (root->tid == 0)
		return memory_copy("a thread");
	return root->thread ? text_of("thread %d '%s'", root->tid, root->thread)
			    : text_of("thread %d", root->tid);
}

static char *variable_of(const struct model *model, const struct path_root *root)
{
	const char *module = model->modules[root->module].name;

	if (root->module == 0)
		return memory_copy("a variable of a module whose name was not recorded");
	if (root->variable && root->variable_offset)
		return text_of("%s `%s`+0x%" PRIx64, module, root->variable, root->variable_offset);
	if (root->variable)
		return text_of("%s `%s`", module, root->variable);
	if (root->section)
		return text_of("%s %s+0x%" PRIx64, module, root->section, root->variable_offset);
	return text_of("%s+0x%" PRIx64, module, root->offset);
}

static char *tls_of(const struct model *model, const struct path_root *root, const char *thread)
{
	char *variable, *text;

	if (root->module == 0)
		return text_of("thread-local memory of %s", thread);
	if (root->variable == NULL)
		return text_of("thread-local memory of %s (%s's)", thread,
			model->modules[root->module].name);
	variable = variable_of(model, root);
	text = text_of("thread-local %s of %s", variable, thread);
	free(variable);
	return text;
}

static char *framed(const char *before, const struct model *model, uint32_t frame)
{
	char *place = place_of(model, frame), *text = text_of("%s %s", before, place);

	free(place);
	return text;
}

static char *stack_of(const struct model *model, const struct path_root *root, const char *thread)
{
	char *before, *text;

	if (root->frame == 0)
		return text_of("the stack of %s", thread);
	before = text_of("the stack of %s, in the frame of", thread);
	text = framed(before, model, root->frame);
	free(before);
	return text;
}

static char *mapping_of(const struct model *model, const struct path_root *root)
{
	char *made, *text;

	if (root->frame == 0)
		return text_of("a mapping of the program, +0x%" PRIx64, root->offset);
	made = framed("a mapping made at", model, root->frame);
	text = text_of("%s, +0x%" PRIx64, made, root->offset);
	free(made);
	return text;
}

/* What keeps the path; for the caller to free. */
static char *root_of(const struct model *model, const struct path_root *root)
{
	char *thread = thread_of(root), *text;

	switch (root->kind) {
	case KEPT_BY_DATA:
		text = variable_of(model, root);
		break;
	case KEPT_BY_STACK:
		text = stack_of(model, root, thread);
		break;
	case KEPT_BY_TLS:
		text = tls_of(model, root, thread);
		break;
	case KEPT_BY_REGISTER:
		text = root->register_name
			       ? text_of("register %s of %s", root->register_name, thread)
			       : text_of("a vector register of %s", thread);
		break;
	case KEPT_BY_MAPPING:
		text = mapping_of(model, root);
		break;
	case KEPT_BY_NAMED:
		text = memory_copy("memory that the program named as a root, or has from sbrk");
		break;
	case KEPT_BY_REQUEST:
		text = memory_copy(
			"nothing: the program asked not to report it, nor what it points at");
		break;
	case KEPT_BY_DTV:
		text = memory_copy("libc's tables of thread-local variables (dtv)");
		break;
	case KEPT_BY_HEAP:
		text = memory_copy("the allocator's own memory, outside of all live blocks");
		break;
	case KEPT_BY_SHARED:
		text = memory_copy("a shared mapping");
		break;
	case KEPT_BY_NOTHING:
		text = memory_copy("nothing: no pointer to it, or to what leads to it, was found");
		break;
	default:
		text = memory_copy("memory of which nothing is known");
	}
	free(thread);
	return text;
}

/* ", +0x8" where a word points into a block. */
static void write_into(uint64_t into, FILE *out)
{
	if (into)
		fprintf(out, ", pointed at 0x%" PRIx64 " bytes in", into);
}

static void write_step(const struct model *model, const struct path_step *step, FILE *out)
{
	char small[TEXT_SMALL], size[TEXT_SMALL];

	if (step->left_out) {
		fprintf(out, ARROW "%s more, left out\n", text_count(small, step->count));
		return;
	}
	char *place = place_of(model, step->frame);
	if (step->count == 1)
		fprintf(out, ARROW "block 0x%" PRIx64 ", %s, %s, +0x%" PRIx64, step->address,
			text_bytes(size, step->size), place, step->offset);
	else
		fprintf(out, ARROW "%s blocks of %s, one after another, %s",
			text_count(small, step->count), place,
			step->several_offsets ? "several offsets" : "");
	if (step->count > 1 && !step->several_offsets)
		fprintf(out, "+0x%" PRIx64, step->offset);
	if (step->count == 1)
		write_into(step->into, out);
	putc('\n', out);
	free(place);
}

static void write_head(const struct model *model, const struct who_row *row, FILE *out)
{
	const struct path *path = row->path;
	char bytes[TEXT_SMALL], blocks[TEXT_SMALL];
	char *place = place_of(model, path->frame);

	fprintf(out, "[%zu] ", row->number);
	if (path->site != SIZE_MAX) {
		const struct amount *live = &model->sites[path->site].live;
		fprintf(out, "%s in %s %s, ", text_bytes(bytes, live->bytes),
			text_count(blocks, live->blocks),
			text_plural(live->blocks, "block", "blocks"));
	}
	fprintf(out, "%s: %s   block 0x%" PRIx64, model_class_words[path->class], place,
		path->address);
	if (model->process_count > 1)
		fprintf(out, "   process %d", path->pid);
	putc('\n', out);
	free(place);
}

static void write_path(const struct model *model, const struct who_row *row, FILE *out)
{
	const struct path *path = row->path;
	char *root = root_of(model, &path->root), *escaped = text_escape(root);

	write_head(model, row, out);
	fprintf(out, INDENT "kept by  %s", escaped);
	if (path->root.address)
		fprintf(out, " (0x%" PRIx64 ")", path->root.address);
	putc('\n', out);
	for (size_t i = 0; i < path->step_count; i++)
		write_step(model, &path->steps[i], out);
	fputs(ARROW "the block", out);
	write_into(path->into, out);
	putc('\n', out);
	free(root);
	free(escaped);
}

static void write_cut(const struct process *process, FILE *out)
{
	char small[TEXT_SMALL];

	if (process->check && process->check->cut_paths)
		fprintf(out,
			"note: [%d] of %s more %s no path was kept: there was no room, or they "
			"were too long\n",
			process->pid, text_count(small, process->check->cut_paths),
			text_plural(process->check->cut_paths, "call site", "call sites"));
}

void render_who_text(const struct model *model, const struct who *who,
	const struct render_options *options, FILE *out)
{
	char small[TEXT_SMALL];

	if (who->note)
		fprintf(out, "note: %s\n", who->note);
	for (size_t i = 0; i < who->count; i++) {
		if (i)
			putc('\n', out);
		write_path(model, &who->rows[i], out);
	}
	if (who->left_out && !options->quiet)
		fprintf(out, "\n%s more call sites (--top=N)\n", text_count(small, who->left_out));
	for (size_t i = 0; i < model->process_count; i++)
		write_cut(&model->processes[i], out);
}
