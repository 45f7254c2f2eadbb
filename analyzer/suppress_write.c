/*
 * Writes suppressions for a site. Called by cmd_suppress.c when all sites have their names. What is
 * written can be read by the tool whose format it is, too.
 */
#define _GNU_SOURCE
#include "suppress_write.h"

#include "fingerprint.h"
#include "memory.h"
#include "suppress_stack.h"
#include "text.h"
#include "valgrind_names.h"
#include "verdict.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* What cannot be in a name of the format ends it, or would end the line, or be taken for a blank at
 * its end, and is left to a wildcard. */
static char *pattern_of(const char *name, const char *special)
{
	char *pattern = memory_copy(name);

	for (char *c = pattern; *c; c++)
		if (strchr(special, *c) || (unsigned char)*c < ' ' || (*c == ' ' && !c[1]))
			*c = '*';
	return pattern;
}

/* "leak:/libx.so$". A piece of a pattern is found where it is first: where a directory begins with
 * the name of the file, as in /opt/app/app, only the whole path will do, and where there is none.
 */
static char *write_module(const struct module *module)
{
	char *name = pattern_of(module->name, "$"), *path = pattern_of(module->path, "$");
	char *by_name = memory_join("/", name, "$");
	char *entry = suppress_lsan_match(by_name, module->path)
			      ? memory_join("leak:", by_name, "\n")
			      : memory_join("leak:^", path, "$\n");

	free(by_name);
	free(path);
	free(name);
	return entry;
}

/* "leak:^f$", by the function of the program's own that a developer looks at. */
static char *write_lsan(const struct model *model, const struct site *site)
{
	size_t index;
	const struct frame *frame = &model->frames[model_site_focus(model, site, &index)];
	const struct location *location = frame->symbol ? &frame->symbol->locations[index] : NULL;
	char *entry = NULL;

	if (location && location->function) {
		char *pattern = pattern_of(location->function, "$");
		if (asprintf(&entry, "leak:^%s$\n", pattern) < 0)
			entry = NULL;
		free(pattern);
	} else if (frame->module && model->modules[frame->module].name[0]) {
		entry = write_module(&model->modules[frame->module]);
	}
	return entry;
}

/* Which of a function's aliases libc goes by depends on whether its debug file is there; with it
 * some have a version. */
static void write_function(const struct module *module, const char *name, FILE *out)
{
	char *pattern = pattern_of(name, "");
	const char *plain = module->own ? pattern : suppress_plain_name(pattern);
	int length = module->own ? (int)strlen(plain) : (int)strcspn(plain, "@");

	fprintf(out, "   fun:%s%.*s%s\n", plain != pattern ? "*" : "", length, plain,
		plain[length] ? "*" : "");
	free(pattern);
}

static void write_place(const struct module *module, const struct location *location, FILE *out)
{
	const char *name = valgrind_name(location);

	if (name) {
		write_function(module, name, out);
		return;
	}
	char *path = valgrind_object(module), *pattern = pattern_of(text_basename(path), "");
	fprintf(out, "   obj:%s%s\n", !pattern[0] ? "*" : strchr(path, '/') ? "*/" : "", pattern);
	free(pattern);
	free(path);
}

static void write_allocator(const struct site *site, FILE *out)
{
	const struct valgrind_allocator *allocator = valgrind_allocator(site->allocator_symbol);

	if (allocator && allocator->instead[0] == NULL)
		fputs("   ...\n", out);
	fprintf(out, "   fun:%s\n", allocator ? allocator->pattern : site->allocator_symbol);
}

/* Writes one line a frame, to `depth` lines or to main. The frame that a developer looks at is
 * there, if need be behind "...": without it the entry would be of a library's every caller. */
static void write_frames(
	const struct model *model, const struct site *site, uint64_t depth, FILE *out)
{
	static const struct location unknown;
	size_t focus_index;
	uint32_t focus = model_site_focus(model, site, &focus_index);
	uint64_t lines = 1; /* the allocator's */
	bool seen = focus == 0, gap = false;

	for (uint32_t number = site->frame; number; number = model->frames[number].parent) {
		const struct frame *frame = &model->frames[number];
		const struct module *module = &model->modules[frame->module];
		size_t count = frame->symbol ? frame->symbol->count : 1;
		for (size_t i = 0; i < count; i++) {
			const struct location *location =
				frame->symbol ? &frame->symbol->locations[i] : &unknown;
			bool here = number == focus && i == focus_index;
			if (seen && (lines >= depth || valgrind_ends_before(module, location)))
				return;
			if (lines >= depth && !here) {
				gap = true;
				continue;
			}
			fputs(gap ? "   ...\n" : "", out);
			write_place(module, location, out);
			lines++;
			seen = seen || here;
			gap = false;
			if (location->symbol && strcmp(location->symbol, "main") == 0)
				return;
		}
	}
}

static char *write_valgrind(
	const struct model *model, const struct site *site, const struct suppress_wish *wish)
{
	char *entry = NULL;
	size_t size, index;
	FILE *out = open_memstream(&entry, &size);

	if (out == NULL)
		return NULL;
	const struct frame *focus = &model->frames[model_site_focus(model, site, &index)];
	const char *name = focus->symbol ? focus->symbol->locations[index].function : NULL;
	if (name == NULL)
		name = model->modules[focus->module].name;
	fprintf(out, "{\n   auto_%08" PRIx64 "_%.*s\n   Memcheck:Leak\n",
		fingerprint_site(model, site, NULL) >> 32, (int)strcspn(name, " (\n"), name);
	if (site->class <= CLASS_REACHABLE)
		fprintf(out, "   match-leak-kinds: %s\n", model_class_names[site->class]);
	write_allocator(site, out);
	write_frames(model, site, wish->depth, out);
	fputs("}\n", out);
	fclose(out);
	return entry;
}

char *suppress_write_entry(
	const struct model *model, const struct site *site, const struct suppress_wish *wish)
{
	return wish->valgrind ? write_valgrind(model, site, wish) : write_lsan(model, site);
}

/* In a comment that is one line. */
static void write_comment(const char *key, const char *value, FILE *out)
{
	char *escaped = text_escape(value);

	fprintf(out, "# %s%s\n", key, escaped);
	free(escaped);
}

void suppress_write_comments(const struct model *model, const struct site *site,
	const struct suppress_wish *wish, FILE *out)
{
	struct amount all = {.bytes = site->live.bytes + site->indirect.bytes,
		.blocks = site->live.blocks + site->indirect.blocks};
	char small[2][TEXT_SMALL], where[VERDICT_PLACE], text[VERDICT_PLACE + 300], today[40] = "";
	time_t now = time(NULL);
	struct tm day;

	if (localtime_r(&now, &day))
		strftime(today, sizeof(today), "%Y-%m-%d", &day);
	suppress_write_place(model, site, where, sizeof(where));
	snprintf(text, sizeof(text), "%s in %s %s by %s in %s, id %08" PRIx64 ", %s",
		text_bytes(small[0], all.bytes), text_count(small[1], all.blocks),
		text_plural(all.blocks, "block", "blocks"), site->allocator, where,
		site->fingerprint >> 32, today);
	write_comment("", text, out);
	write_comment("reason: ", wish->reason ? wish->reason : "", out);
	if (wish->until)
		write_comment("until: ", wish->until, out);
}

void suppress_write_place(
	const struct model *model, const struct site *site, char *room, size_t size)
{
	verdict_place(model, site, room, size);
}
