/* Baselines: what is read of good, torn and hostile lines; what is new, known, grown; what is kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "analyzer/baseline_file.h"
#include "analyzer/fingerprint.h"
#include "analyzer/memory.h"

#define SITES_MAX 64

static struct model model;
static struct baseline baseline;
static struct baseline_faults faults;
static struct error error;
static struct symbol symbols[SITES_MAX * 4];
static struct location locations[SITES_MAX * 4];
static size_t frames_made;
static char path[] = "/tmp/leak-baseline-XXXXXX";

static int start(void **state)
{
	(void)state;
	model_init(&model);
	baseline = (struct baseline){0};
	frames_made = 0;
	return 0;
}

static int stop(void **state)
{
	(void)state;
	baseline_free(&baseline);
	model_free(&model);
	return 0;
}

static void put_file(const char *text, size_t length)
{
	FILE *out = fopen(path, "w");

	assert_non_null(out);
	assert_int_equal(fwrite(text, 1, length, out), length);
	assert_int_equal(fclose(out), 0);
}

static void read_text(const char *text)
{
	put_file(text, strlen(text));
	assert_int_equal(baseline_load(&baseline, path, &faults, &error), 0);
}

static char *written(void)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	baseline_write(&baseline, out);
	assert_int_equal(fclose(out), 0);
	return text;
}

static void expect_written(const char *expected)
{
	char *text = written();

	assert_string_equal(text, expected);
	free(text);
}

/* A site whose stack is in `stack`, innermost first: "leaf:12 middle:7 main:3". */
static struct site *add(const char *allocator, enum site_class class, const char *stack, uint64_t bytes,
	uint64_t blocks)
{
	uint32_t module = model_module(&model, "/home/me/app", NULL, 0, true, 0), frame = 0;
	char copy[256], *words[16], *rest = NULL;
	size_t count = 0;

	snprintf(copy, sizeof(copy), "%s", stack);
	for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
		words[count++] = word;
	while (count--) {
		char *colon = strrchr(words[count], ':');
		struct location *location = &locations[frames_made];
		*colon = '\0';
		*location = (struct location){.function = model_string(&model, words[count]),
			.file = model_string(&model, "src/app.c"),
			.line = (uint32_t)atoi(colon + 1)};
		frame = model_frame(&model, frame, module, 1000 + frames_made, 0);
		symbols[frames_made] = (struct symbol){.count = 1, .locations = location};
		model.frames[frame].symbol = &symbols[frames_made++];
	}
	struct site *site = model_site(&model, KIND_HEAP, class, allocator, frame);
	site->live = (struct amount){.bytes = bytes, .blocks = blocks};
	site->fingerprint = fingerprint_site(&model, site, &site->place);
	return site;
}

static void fill(void)
{
	baseline_fill(&baseline, &model, BASELINE_DEFAULT);
}

/* The same model once more, for a second build. */
static void next_build(void)
{
	model_free(&model);
	model_init(&model);
	frames_made = 0;
}

static void match(size_t added, size_t grown, size_t known, size_t gone)
{
	baseline_match(&baseline, &model, BASELINE_DEFAULT);
	assert_int_equal(model.comparison.added, added);
	assert_int_equal(model.comparison.grown, grown);
	assert_int_equal(model.comparison.known, known);
	assert_int_equal(model.comparison.gone, gone);
}

static void lines_are_sorted_and_read_again(void **state)
{
	(void)state;
	add("malloc", CLASS_DEFINITE, "f:1 main:2", 10, 1);
	add("calloc", CLASS_POSSIBLE, "g:1 main:3", 20, 2);
	add("malloc", CLASS_REACHABLE, "h:1 main:4", 30, 3);
	add("malloc", CLASS_INDIRECT, "i:1 main:5", 30, 3);
	add("malloc", CLASS_SUPPRESSED, "j:1 main:6", 30, 3);
	fill();
	assert_int_equal(baseline.count, 2);
	assert_true(baseline.entries[0].fingerprint < baseline.entries[1].fingerprint);
	char *first = written();
	baseline_free(&baseline);
	read_text(first);
	assert_int_equal(faults.count, 0);
	expect_written(first);
	free(first);
	match(0, 0, 2, 0);
}

static void wrong_lines_are_told_and_skipped(void **state)
{
	static const char text[] = "{\"fp\":\"00000000000000aa\",\"blocks\":1,\"bytes\":5}\n"
				   "\n  \r\n"
				   "<<<<<<< HEAD\n"
				   "{\"fp\":\"00000000000000bb\"}\r\n"
				   "[]\n"
				   "{\"fp\":5}\n"
				   "{\"fp\":\"0000000000000000\"}\n"
				   "{\"fp\":\"00000000000000CC\"}\n"
				   "{\"fp\":\"00000000000000cc\",\"blocks\":-1}\n"
				   "{\"fp\":\"00000000000000cc\",\"bytes\":1.5}\n"
				   "{\"fp\":\"00000000000000cc\",\"bytes\":99999999999999999999}\n"
				   "{\"fp\":\"00000000000000cc\",\"places\":\"1\"}\n"
				   "{\"fp\":\"00000000000000cc\",\"frames\":{}}\n"
				   "{\"fp\":\"00000000000000cc\",\"frames\":[1]}\n"
				   "{\"fp\":\"00000000000000cc\",\"note\":7}\n"
				   "{\"fp\":\"00000000000000cc\",\"fp\":\"00000000000000cd\"}\n"
				   "{\"fp\":\"00000000000000cc\"} x\n"
				   "{\"fp\":\"00000000000000cc\",\"no";

	(void)state;
	read_text(text);
	assert_int_equal(baseline.count, 2);
	assert_int_equal(faults.count, 15);
	assert_int_equal(faults.first[0].line, 4);
	assert_memory_equal(faults.first[0].reason, "not JSON: ", 10);
	for (size_t i = 1; i < faults.count; i++) {
		assert_int_equal(faults.first[i].line, 5 + i);
		assert_true(strlen(faults.first[i].reason) > 10);
	}
	assert_false(baseline.entries[1].amount_known);
}

static void bytes_of_no_text_are_wrong_lines(void **state)
{
	static const char text[] = "\0\n{\"fp\":\"00000000000000aa\",\"fn\":\"\xff\"}\n"
				   "{\"fp\":\"00000000000000aa\",\"fn\":\"a\\u0000b\"}\n\xef\xbb\xbf{}\n";

	(void)state;
	put_file(text, sizeof(text) - 1);
	assert_int_equal(baseline_load(&baseline, path, &faults, &error), 0);
	assert_int_equal(faults.count, 4);
	assert_int_equal(baseline.count, 0);
}

static void long_and_deep_and_many(void **state)
{
	size_t size = 3u << 20;
	char *text = memory_zero(size, 1);

	(void)state;
	memset(text, '[', size);
	text[size - 2] = '\n';
	text[100000] = '\n';
	text[size - 1] = '\n';
	put_file(text, size);
	assert_int_equal(baseline_load(&baseline, path, &faults, &error), 0);
	assert_int_equal(faults.count, 2);
	assert_string_equal(faults.first[1].reason, "the line is too long");
	memset(text, '[', size);
	for (size_t i = 1; i < size; i += 2)
		text[i] = '\n';
	put_file(text, size);
	assert_int_equal(baseline_load(&baseline, path, &faults, &error), 0);
	assert_int_equal(faults.count, size / 2);
	free(text);
}

static void what_cannot_be_read(void **state)
{
	(void)state;
	assert_int_equal(baseline_load(&baseline, "/nonexistent/baseline", &faults, &error), -1);
	assert_string_equal(error.text, "No such file or directory");
	assert_int_equal(baseline_load(&baseline, "/tmp", &faults, &error), -1);
	put_file("", 0);
	assert_int_equal(baseline_load(&baseline, path, &faults, &error), 0);
	assert_int_equal(baseline.count + faults.count, 0);
}

static void two_lines_for_one_leak_are_one(void **state)
{
	(void)state;
	read_text("{\"fp\":\"00000000000000bb\",\"blocks\":1}\n"
		  "{\"fp\":\"00000000000000aa\",\"blocks\":2,\"bytes\":2,\"note\":\"why\"}\n"
		  "{\"fp\":\"00000000000000aa\",\"blocks\":7,\"bytes\":1,\"note\":\"\"}\n");
	assert_int_equal(faults.count, 0);
	expect_written("{\"fp\":\"00000000000000aa\",\"blocks\":7,\"bytes\":1,\"note\":\"why\"}\n"
		       "{\"fp\":\"00000000000000bb\",\"blocks\":1}\n");
}

static void notes_and_unknown_keys_are_kept(void **state)
{
	struct baseline former;

	(void)state;
	add("malloc", CLASS_DEFINITE, "f:1 main:2", 10, 1);
	add("malloc", CLASS_DEFINITE, "g:1 main:3", 10, 1);
	fill();
	json_object_set_new(baseline.entries[0].json, "ticket", json_integer(7));
	baseline_inherit(&baseline, &(struct baseline){0}, "accepted");
	former = baseline;
	baseline = (struct baseline){0};
	next_build();
	add("malloc", CLASS_POSSIBLE, "f:41 main:42", 20, 2);
	add("calloc", CLASS_DEFINITE, "g:41 main:43", 20, 2);
	add("malloc", CLASS_DEFINITE, "h:41 main:44", 20, 2);
	fill();
	baseline_inherit(&baseline, &former, "later");
	char *text = written();
	size_t accepted = 0, later = 0;
	for (size_t i = 0; i < baseline.count; i++) {
		accepted += strcmp(baseline.entries[i].note, "accepted") == 0;
		later += strcmp(baseline.entries[i].note, "later") == 0;
		assert_int_equal(baseline.entries[i].amount.blocks, 2);
	}
	assert_int_equal(accepted, 2);
	assert_int_equal(later, 1);
	assert_non_null(strstr(text, "\"ticket\":7"));
	free(text);
	baseline_free(&former);
}

static void new_known_grown_gone(void **state)
{
	(void)state;
	add("malloc", CLASS_DEFINITE, "f:1 main:2", 10, 1);
	add("malloc", CLASS_DEFINITE, "g:1 main:3", 10, 1);
	add("malloc", CLASS_DEFINITE, "h:1 main:4", 10, 1);
	fill();
	next_build();
	add("malloc", CLASS_POSSIBLE, "f:41 main:42", 500, 1);
	add("malloc", CLASS_DEFINITE, "g:41 main:43", 20, 2);
	add("malloc", CLASS_DEFINITE, "i:41 main:44", 10, 1);
	add("malloc", CLASS_REACHABLE, "j:41 main:45", 10, 1);
	match(1, 1, 1, 1);
	assert_int_equal(model.sites[0].baseline, BASELINE_KNOWN);
	assert_int_equal(model.sites[1].baseline, BASELINE_GROWN);
	assert_int_equal(model.sites[1].baseline_amount.blocks, 1);
	assert_int_equal(model.sites[2].baseline, BASELINE_NEW);
	assert_int_equal(model.sites[3].baseline, BASELINE_NONE);
	baseline_prune(&baseline);
	assert_int_equal(baseline.count, 2);
	match(1, 1, 1, 0);
}

static void one_more_place_is_new(void **state)
{
	(void)state;
	add("malloc", CLASS_DEFINITE, "f:1 main:2", 10, 1);
	fill();
	next_build();
	/* The classes of a site, and another thread's stack, are no places of their own. */
	add("malloc", CLASS_DEFINITE, "f:41 main:42", 10, 1);
	add("malloc", CLASS_POSSIBLE, "f:41 main:42", 10, 1);
	match(0, 1, 0, 0);
	add("malloc", CLASS_DEFINITE, "f:44 main:42", 10, 1);
	match(1, 0, 0, 0);
	assert_int_equal(model.sites[2].baseline, BASELINE_NEW);
	assert_int_equal(model.sites[2].places_now, 2);
	assert_int_equal(model.sites[2].baseline_places, 1);
	add("malloc", CLASS_DEFINITE, "f:41 main:50", 10, 1);
	match(2, 0, 0, 0);
}

static void another_allocator_of_c_where_the_old_one_is_gone(void **state)
{
	(void)state;
	add("malloc", CLASS_DEFINITE, "f:1 main:2", 10, 1);
	fill();
	next_build();
	add("calloc", CLASS_DEFINITE, "f:1 main:2", 10, 1);
	match(0, 0, 1, 0);
	add("malloc", CLASS_DEFINITE, "f:1 main:2", 10, 1);
	match(1, 0, 1, 0);
	assert_int_equal(model.sites[0].baseline, BASELINE_NEW);
	next_build();
	add("_Znwm", CLASS_DEFINITE, "f:1 main:2", 10, 1);
	match(1, 0, 0, 1);
}

static void other_callers_are_new(void **state)
{
	static const char *const others[] = {"f:1 g:2 main:3", "f:1 x:2 main:4", "g:1 main:3", "f:1 main:9",
		"f:1 g:2 h:3", "f:1 g:2 h:2 x:4 main:3", "f:1 h:2 g:2 main:3", "x:1 f:2 g:2 h:2 main:3"};

	(void)state;
	add("malloc", CLASS_DEFINITE, "f:1 g:2 h:2 main:3", 10, 1);
	fill();
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		next_build();
		add("malloc", CLASS_DEFINITE, others[i], 10, 1);
		match(1, 0, 0, 1);
	}
}

static void recursion_of_any_depth_is_the_same(void **state)
{
	(void)state;
	add("malloc", CLASS_DEFINITE, "f:1 g:2 main:3", 10, 1);
	fill();
	next_build();
	add("malloc", CLASS_DEFINITE, "f:1 g:2 f:5 g:2 f:5 f:6 g:2 main:3", 10, 1);
	match(0, 0, 1, 0);
}

static void nothing_at_all(void **state)
{
	(void)state;
	fill();
	expect_written("");
	match(0, 0, 0, 0);
	add("malloc", CLASS_DEFINITE, "f:1 main:2", 10, 1);
	match(1, 0, 0, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(lines_are_sorted_and_read_again, start, stop),
		cmocka_unit_test_setup_teardown(wrong_lines_are_told_and_skipped, start, stop),
		cmocka_unit_test_setup_teardown(bytes_of_no_text_are_wrong_lines, start, stop),
		cmocka_unit_test_setup_teardown(long_and_deep_and_many, start, stop),
		cmocka_unit_test_setup_teardown(what_cannot_be_read, start, stop),
		cmocka_unit_test_setup_teardown(two_lines_for_one_leak_are_one, start, stop),
		cmocka_unit_test_setup_teardown(notes_and_unknown_keys_are_kept, start, stop),
		cmocka_unit_test_setup_teardown(new_known_grown_gone, start, stop),
		cmocka_unit_test_setup_teardown(one_more_place_is_new, start, stop),
		cmocka_unit_test_setup_teardown(
			another_allocator_of_c_where_the_old_one_is_gone, start, stop),
		cmocka_unit_test_setup_teardown(other_callers_are_new, start, stop),
		cmocka_unit_test_setup_teardown(recursion_of_any_depth_is_the_same, start, stop),
		cmocka_unit_test_setup_teardown(nothing_at_all, start, stop),
	};
	int fd = mkstemp(path);

	if (fd < 0)
		return 1;
	close(fd);
	int result = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(path);
	return result;
}
