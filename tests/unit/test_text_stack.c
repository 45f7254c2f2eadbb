/* Stacks without a frame of the program's own, for people: both ends stay, and so does the place to look at. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "analyzer/text_stack.h"

#define FRAMES 40

static struct model model;
static struct location locations[FRAMES];
static struct symbol symbols[FRAMES];
static char names[FRAMES][16];
static char *text;

static int start(void **state)
{
	(void)state;
	model_init(&model);
	for (int i = 0; i < FRAMES; i++) {
		snprintf(names[i], sizeof(names[i]), "f%d", i);
		locations[i] = (struct location){.function = names[i]};
		symbols[i] = (struct symbol){1, &locations[i]};
	}
	return 0;
}

static int stop(void **state)
{
	(void)state;
	free(text);
	text = NULL;
	model_free(&model);
	return 0;
}

/* Writes a stack of f0, f1, … of a library, the innermost first. */
static void write(size_t count, bool verbose)
{
	const struct render_options options = {.verbose = verbose};
	uint32_t module = model_module(&model, "/usr/lib/libdeep.so", NULL, 0, false, 0), frame = 0;
	bool unnamed[8] = {false};
	size_t size;

	for (size_t i = count; i-- > 0;) {
		frame = model_frame(&model, frame, module, 100 + i, 0);
		model.frames[frame].symbol = &symbols[i];
	}
	struct site *site = model_site(&model, KIND_HEAP, CLASS_DEFINITE, "malloc", frame);
	FILE *out = open_memstream(&text, &size);
	text_stack_write(&model, site, &options, unnamed, out);
	fclose(out);
}

static void both_ends_stay(void **state)
{
	(void)state;
	write(40, false);
	assert_string_equal(text,
		"    f0   libdeep.so\n    f1   libdeep.so\n    f2   libdeep.so\n    f3   libdeep.so\n"
		"    f4   libdeep.so\n    f5   libdeep.so\n    f6   libdeep.so\n    f7   libdeep.so\n"
		"    … 27 frames in libdeep.so\n"
		"    f35  libdeep.so\n    f36  libdeep.so\n    f37  libdeep.so\n    f38  libdeep.so\n    f39  libdeep.so\n");
}

static void short_ones_are_whole(void **state)
{
	(void)state;
	write(3, false);
	assert_string_equal(text, "    f0  libdeep.so\n    f1  libdeep.so\n    f2  libdeep.so\n");
}

/* With a source line it is worth more than what is around it; what starts a thread is not. */
static void the_place_to_look_at_stays(void **state)
{
	size_t index;

	(void)state;
	locations[20].file = "deep.c";
	locations[20].line = 7;
	locations[39].function = "start_thread";
	locations[39].file = "pthread_create.c";
	locations[39].line = 442;
	write(40, false);
	assert_int_equal(model.frames[model_site_focus(&model, &model.sites[0], &index)].offset, 120);
	assert_string_equal(text,
		"    f0   libdeep.so\n    f1   libdeep.so\n    f2   libdeep.so\n    f3   libdeep.so\n"
		"    f4   libdeep.so\n    f5   libdeep.so\n    f6   libdeep.so\n    f7   libdeep.so\n"
		"    … 12 frames in libdeep.so\n"
		"    f20  deep.c:7  libdeep.so\n"
		"    … 13 frames in libdeep.so\n"
		"    f34  libdeep.so\n    f35  libdeep.so\n    f36  libdeep.so\n    f37  libdeep.so\n    f38  libdeep.so\n");
	locations[20].file = NULL;
	locations[20].line = 0;
	assert_int_equal(model.frames[model_site_focus(&model, &model.sites[0], &index)].offset, 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(both_ends_stay, start, stop),
		cmocka_unit_test_setup_teardown(short_ones_are_whole, start, stop),
		cmocka_unit_test_setup_teardown(the_place_to_look_at_stays, start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
