/*
 * Names of functions and files from hostile symbol tables: demangling, shortening, escaping, the
 * fingerprint, and the suppression that is written for such a frame, which must hide its site when
 * it is read again. The input is up to three texts with newlines between them: a linker's name, a
 * file, a directory.
 */
#include "fuzz.h"

#include "analyzer/demangle.h"
#include "analyzer/fingerprint.h"
#include "analyzer/memory.h"
#include "analyzer/suppress.h"
#include "analyzer/suppress_write.h"
#include "analyzer/text.h"

#include <stdlib.h>
#include <string.h>

static bool is_printable(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return false;
	return true;
}

static void show(const char *name, size_t columns)
{
	char *escaped = text_escape(name);

	PROMISE(is_printable(escaped));
	text_simplify_cxx(escaped);
	size_t before = text_columns(escaped);
	text_shorten_function(escaped, columns);
	PROMISE(text_columns(escaped) <= before);
	free(escaped);
}

static void suppress(const struct model *model, const struct site *site, bool valgrind)
{
	const struct suppress_wish wish = {.valgrind = valgrind, .depth = 4};
	char *entry = suppress_write_entry(model, site, &wish);
	struct suppressions set;
	struct error error;
	char place[64];

	suppress_write_place(model, site, place, sizeof(place));
	if (entry == NULL)
		return;
	suppress_init(&set);
	PROMISE(suppress_parse(&set, "new", entry, strlen(entry), &error) == 0);
	suppress_measure(&set, model);
	PROMISE(set.count == 1 && set.items[0].matched_sites > 0);
	suppress_free(&set);
	free(entry);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = input_of(data, size);
	char *name = input_text(&input, '\n'), *file = input_text(&input, '\n');
	char *directory = input_text(&input, '\n'), *plain = demangle(name);
	char *bare = demangle_bare(name, plain), *stripped = memory_copy(plain);
	struct model model;

	demangle_strip(stripped);
	PROMISE(strlen(stripped) <= strlen(plain));
	show(plain, 40);
	show(bare, 4);
	show(file, 20);

	struct location location = {.function = name[0] ? plain : NULL, .symbol = name[0] ? name : NULL, .line = 3,
		.file = file[0] ? file : NULL, .directory = directory[0] ? directory : NULL};
	struct symbol symbol = {1, &location};
	model_init(&model);
	model_add_process(&model)->pid = 1;
	uint32_t module = model_module(&model, file, NULL, 0, true, 0);
	uint32_t frame = model_frame(&model, 0, module, 16, 0);
	model.frames[frame].symbol = &symbol;
	struct site *site = model_site(&model, KIND_HEAP, CLASS_DEFINITE, "malloc", frame);
	site->allocator = "malloc";
	model_site_add_live(site, 0, &(struct amount){.bytes = 8, .blocks = 1});
	PROMISE(fingerprint_site(&model, site, NULL) != 0);
	suppress(&model, site, false);
	suppress(&model, site, true);
	model_free(&model);
	free(stripped);
	free(bare);
	free(plain);
	free(directory);
	free(file);
	free(name);
	return 0;
}
