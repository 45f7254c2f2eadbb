/* The formats for profile viewers from models made by hand: hostile names and addresses, classes of one call site. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>
#include <zlib.h>

#include "analyzer/merge_sites.h"
#include "analyzer/render_formats.h"
#include <build/generated/pprof.pb-c.h>

#define EVIL "a\"'<&>\n\r\t;\\\xff\xc0\x80\xed\xa0\x80\x1b[31m"

static struct model model;
static struct location location;
static struct symbol symbol = {1, &location};
static Pprof__Profile *profile;
static json_t *json;

static int start(void **state)
{
	(void)state;
	model_init(&model);
	location = (struct location){.function = "f", .symbol = "f", .file = "/src/f.c", .line = 7};
	return 0;
}

static int stop(void **state)
{
	(void)state;
	for (size_t i = 0; i < model.process_count; i++)
		model.processes[i].args = NULL; /* not the model's */
	if (profile)
		pprof__profile__free_unpacked(profile, NULL);
	json_decref(json);
	profile = NULL;
	json = NULL;
	model_free(&model);
	return 0;
}

static char *arguments[] = {"./app", EVIL, NULL};

static void add_process(void)
{
	struct process *process = model_add_process(&model);

	process->pid = 4711;
	process->exe = "/bin/" EVIL;
	process->args = arguments;
}

static struct site *add_site(enum site_class class, uint32_t frame, uint64_t blocks, uint64_t bytes)
{
	struct site *site = model_site(&model, KIND_HEAP, class, "malloc", frame);

	for (uint32_t number = frame; number; number = model.frames[number].parent)
		if (model.symbolized)
			model.frames[number].symbol = &symbol;
	model_site_add_live(site, 0, &(struct amount){.bytes = bytes, .blocks = blocks});
	return site;
}

static void show_all(void)
{
	model.rows = calloc(model.site_count + 1, sizeof(*model.rows));
	model.row_count = model.site_count;
	for (size_t i = 0; i < model.site_count; i++)
		model.rows[i] = (struct row){.site = &model.sites[i],
			.kind = model.sites[i].kind,
			.section = (enum section)model.sites[i].class,
			.live = model.sites[i].live,
			.sites = 1,
			.shown = true};
	snprintf(model.verdict.line, sizeof(model.verdict.line), "lost in %s", EVIL);
}

static char *render(const char *name, size_t *ret_size)
{
	const struct render_options options = {.quiet = true, .group = "site"};
	char *text;
	FILE *out = open_memstream(&text, ret_size);

	render_find(name)->render(&model, &options, out);
	fclose(out);
	return text;
}

static json_t *at(const char *name, size_t index)
{
	return json_array_get(json_object_get(json, name), index);
}

static void render_json_as(const char *name)
{
	size_t size;
	char *text = render(name, &size);

	json_decref(json);
	json = json_loadb(text, size, 0, NULL);
	assert_non_null(json);
	free(text);
}

static void valid_text(const char *text)
{
	json_t *string = json_string(text);

	assert_non_null(string);
	json_decref(string);
	for (; *text; text++)
		assert_true((unsigned char)*text >= 0x20 && *text != 0x7f);
}

/* Everything that refers to something refers to what is there. */
static void check_profile(void)
{
	assert_string_equal(profile->string_table[0], "");
	for (size_t i = 0; i < profile->n_string_table; i++)
		valid_text(profile->string_table[i]);
	for (size_t i = 0; i < profile->n_mapping; i++) {
		const Pprof__Mapping *mapping = profile->mapping[i];
		assert_int_equal(mapping->id, i + 1);
		assert_true(mapping->memory_start < mapping->memory_limit && mapping->memory_limit < 1ull << 60);
		for (size_t k = 0; k < i; k++)
			assert_true(profile->mapping[k]->memory_limit <= mapping->memory_start);
	}
	for (size_t i = 0; i < profile->n_location; i++) {
		const Pprof__Location *place = profile->location[i];
		assert_int_equal(place->id, i + 1);
		assert_true(place->mapping_id <= profile->n_mapping);
		if (place->mapping_id) {
			const Pprof__Mapping *mapping = profile->mapping[place->mapping_id - 1];
			assert_true(place->address >= mapping->memory_start && place->address < mapping->memory_limit);
		}
		for (size_t k = 0; k < place->n_line; k++)
			assert_true(place->line[k]->function_id - 1 < profile->n_function);
	}
	for (size_t i = 0; i < profile->n_sample; i++) {
		const Pprof__Sample *sample = profile->sample[i];
		assert_int_equal(sample->n_value, 4);
		assert_true(sample->n_location_id > 0);
		for (size_t k = 0; k < sample->n_location_id; k++)
			assert_true(sample->location_id[k] - 1 < profile->n_location);
	}
}

static void render_pprof_profile(void)
{
	static unsigned char room[1 << 22];
	z_stream stream = {.next_out = room, .avail_out = sizeof(room)};
	size_t size;
	char *bytes = render("pprof", &size);

	stream.next_in = (unsigned char *)bytes;
	stream.avail_in = (unsigned)size;
	assert_int_equal(inflateInit2(&stream, 15 + 16), Z_OK);
	assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
	if (profile)
		pprof__profile__free_unpacked(profile, NULL);
	profile = pprof__profile__unpack(NULL, stream.total_out, room);
	assert_non_null(profile);
	assert_int_equal(stream.avail_in, 0);
	inflateEnd(&stream);
	free(bytes);
	check_profile();
}

static const char *label(const Pprof__Sample *sample, const char *key)
{
	for (size_t i = 0; i < sample->n_label; i++)
		if (strcmp(profile->string_table[sample->label[i]->key], key) == 0)
			return profile->string_table[sample->label[i]->str];
	return "";
}

static void expect_sample(size_t number, const char *kind, int64_t a, int64_t b, int64_t c, int64_t d)
{
	const Pprof__Sample *sample = profile->sample[number];
	const int64_t expected[] = {a, b, c, d};

	assert_string_equal(label(sample, "kind"), kind);
	assert_memory_equal(sample->value, expected, sizeof(expected));
}

static void names_are_made_text(void **state)
{
	(void)state;
	add_process();
	model.symbolized = true;
	location = (struct location){.function = EVIL, .symbol = EVIL, .file = EVIL, .directory = "/" EVIL, .line = 7};
	uint32_t module = model_module(&model, "/lib/" EVIL, NULL, 0, true, 0);
	struct site *site = add_site(CLASS_DEFINITE, model_frame(&model, 0, module, 16, 0), 1, 100);
	model_site_add_thread(site, model_string(&model, EVIL));
	show_all();
	render_pprof_profile();
	render_json_as("dhat");
	for (size_t i = 0; i < json_array_size(json_object_get(json, "ftbl")); i++)
		valid_text(json_string_value(at("ftbl", i)));
	assert_string_equal(json_string_value(at("ftbl", 3)),
		"0x10: a\"'<&>\\x0a\\x0d\\x09;\\\\xff\\xc0\\x80\\xed\\xa0\\x80\\x1b[31m "
		"(a\"'<&>\\x0a\\x0d\\x09;\\\\xff\\xc0\\x80\\xed\\xa0\\x80\\x1b[31m:7)");
	render_json_as("speedscope");
}

/* 50 were allocated there, of which 20 are left, 10 each of two classes. */
static void classes_share_what_was_allocated(void **state)
{
	(void)state;
	add_process();
	model.symbolized = true;
	uint32_t module = model_module(&model, "/bin/app", NULL, 0, true, 0);
	uint32_t frame = model_frame(&model, 0, module, 16, 0), other = model_frame(&model, 0, module, 32, 0);
	add_site(CLASS_DEFINITE, frame, 6, 600)->counted = (struct amount){3000, 30};
	add_site(CLASS_REACHABLE, other, 10, 1000)->counted = (struct amount){2000, 20};
	add_site(CLASS_DEFINITE, other, 4, 400);
	merge_sites(&model);
	assert_int_equal(model.site_count, 2);
	show_all();
	render_pprof_profile();
	assert_int_equal(profile->n_sample, 3);
	expect_sample(0, "definite", 10, 1000, 10, 1000);
	expect_sample(1, "freed", 30, 3000, 0, 0);
	expect_sample(2, "reachable", 10, 1000, 10, 1000);

	/* What is not listed takes no part of what was given back. */
	model.rows[0].shown = false;
	render_pprof_profile();
	assert_int_equal(profile->n_sample, 2);
	expect_sample(0, "reachable", 10, 1000, 10, 1000);
	expect_sample(1, "freed", 30, 3000, 0, 0);
	model.rows[0].shown = true;
	model.scope.older = "1s";
	render_pprof_profile();
	assert_int_equal(profile->n_sample, 2);
}

static void suppressed_sites_are_left_out(void **state)
{
	(void)state;
	add_process();
	uint32_t module = model_module(&model, "/bin/app", NULL, 0, true, 0);
	add_site(CLASS_SUPPRESSED, model_frame(&model, 0, module, 16, 0), 1, 100);
	add_site(CLASS_POSSIBLE, model_frame(&model, 0, module, 32, 0), 1, 50);
	show_all();
	render_pprof_profile();
	assert_int_equal(profile->n_sample, 1);
	expect_sample(0, "possible", 1, 50, 1, 50);
	render_json_as("dhat");
	assert_int_equal(json_array_size(json_object_get(json, "pps")), 1);
	render_json_as("speedscope");
	assert_int_equal(json_array_size(json_object_get(json, "profiles")), 1);
}

/* Nothing of an image is believed: offsets, extents, segments. */
static void addresses_that_lie_have_no_mapping(void **state)
{
	static const uint64_t offsets[] = {0, 1, 0x1fff, 0x2000, 0x7fffffffffff, UINT64_MAX, 1ull << 40, (1ull << 40) + 1};

	(void)state;
	add_process();
	for (unsigned m = 0; m < 4; m++) {
		char path[16];
		snprintf(path, sizeof(path), "/bin/app%u", m);
		uint32_t module = model_module(&model, path, (const uint8_t *)"\x01\xff", 2, m == 0, 0);
		model_module_reaches(&model, module, m == 1 ? UINT64_MAX : 0x3000);
		if (m >= 2) {
			struct segment *segments = calloc(3, sizeof(*segments));
			segments[0] = (struct segment){m == 2 ? 0x1000 : 0, 0x1000, 0x800};
			segments[1] = (struct segment){0x2000, m == 2 ? 0x800 : UINT64_MAX, UINT64_MAX};
			segments[2] = (struct segment){UINT64_MAX - 4095, 4095, 0};
			model.modules[module].segments = segments;
			model.modules[module].segment_count = 3;
		}
		for (size_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++)
			add_site(CLASS_DEFINITE, model_frame(&model, 0, module, offsets[i], i % 2 ? FRAME_EXACT : 0), 1, 8);
	}
	add_site(CLASS_DEFINITE, model_frame(&model, 0, 0, 0x7f0000001000, 0), 1, 8);
	add_site(CLASS_DEFINITE, 0, 1, 8);
	show_all();
	render_pprof_profile();
	assert_true(profile->n_mapping >= 4);
	size_t mapped = 0;
	for (size_t i = 0; i < profile->n_location; i++)
		mapped += profile->location[i]->mapping_id != 0;
	assert_true(mapped >= 8);
	assert_string_equal(profile->string_table[profile->mapping[0]->build_id], "01ff");
	render_json_as("dhat");
	render_json_as("speedscope");
}

/* Other addresses, the same text: the viewer would refuse the file. */
static void stacks_that_read_the_same_are_one_point(void **state)
{
	(void)state;
	add_process();
	model.symbolized = true;
	for (unsigned m = 0; m < 2; m++) {
		uint32_t module = model_module(&model, m ? "/lib/a.so" : "/lib/b.so", NULL, 0, false, 0);
		add_site(CLASS_DEFINITE, model_frame(&model, 0, module, 16, 0), 1, 100);
	}
	show_all();
	render_json_as("dhat");
	assert_int_equal(json_array_size(json_object_get(json, "pps")), 1);
	assert_int_equal(json_integer_value(json_object_get(at("pps", 0), "tb")), 200);
	assert_int_equal(json_integer_value(json_object_get(at("pps", 0), "tbk")), 2);
}

static void a_model_without_anything_renders(void **state)
{
	(void)state;
	render_pprof_profile();
	assert_int_equal(profile->n_sample, 0);
	render_json_as("dhat");
	assert_string_equal(json_string_value(at("ftbl", 0)), "[root]");
	render_json_as("speedscope");
	assert_int_equal(json_array_size(json_object_get(json, "profiles")), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(names_are_made_text, start, stop),
		cmocka_unit_test_setup_teardown(classes_share_what_was_allocated, start, stop),
		cmocka_unit_test_setup_teardown(suppressed_sites_are_left_out, start, stop),
		cmocka_unit_test_setup_teardown(addresses_that_lie_have_no_mapping, start, stop),
		cmocka_unit_test_setup_teardown(stacks_that_read_the_same_are_one_point, start, stop),
		cmocka_unit_test_setup_teardown(a_model_without_anything_renders, start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
