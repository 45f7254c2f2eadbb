/* The formats for CI from models made by hand: hostile names, suppressed sites, many of them, none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "analyzer/render_formats.h"
#include "analyzer/render_valgrind.h"

#define EVIL "a\"'<&>]]>\n\r\t%,::|`*[x](y)\\\xff\xc0\x80\xef\xbf\xbe##[debug]\x1b[31m"

static struct model model;
static struct location location;
static struct symbol symbol = {1, &location};
static char *text;

static int start(void **state)
{
	(void)state;
	model_init(&model);
	location = (struct location){.function = EVIL, .symbol = EVIL, .file = "/src/" EVIL, .line = 7};
	text = NULL;
	return 0;
}

static int stop(void **state)
{
	(void)state;
	for (size_t i = 0; i < model.process_count; i++)
		model.processes[i].args = NULL; /* not the model's */
	free(text);
	model_free(&model);
	return 0;
}

static char *arguments[] = {"./app", EVIL, NULL};

static void add_process(void)
{
	struct process *process = model_add_process(&model);

	process->pid = 4711;
	process->exe = "/bin/" EVIL;
	process->image = "leak.app.4711.leak";
	process->args = arguments;
}

static struct site *add_site(enum site_class class, uint64_t place, uint64_t bytes)
{
	uint32_t module = model_module(&model, "/lib/" EVIL ".so", NULL, 0, true, 0);
	uint32_t frame = place ? model_frame(&model, 0, module, place, 0) : 0;
	struct site *site = model_site(&model, KIND_HEAP, class, "malloc", frame);

	if (frame) {
		model.frames[frame].symbol = &symbol;
		model.modules[module].own = true;
	}
	site->live = (struct amount){bytes, 1};
	site->fingerprint = 0x1234567890abcdefull;
	return site;
}

/* A row for each site, in their order. */
static void show_all(void)
{
	model.rows = calloc(model.site_count + 1, sizeof(*model.rows));
	model.row_count = model.site_count;
	for (size_t i = 0; i < model.site_count; i++)
		model.rows[i] = (struct row){.site = &model.sites[i],
			.kind = model.sites[i].kind,
			.live = model.sites[i].live,
			.sites = 1,
			.shown = true};
	model.scope.kinds = CLASSES_SUSPECT;
	snprintf(model.verdict.line, sizeof(model.verdict.line), "lost in %s", EVIL);
}

static void render(const char *name)
{
	const struct render_options options = {.quiet = true, .group = "site", .source_root = "/src"};
	size_t size;
	FILE *out = (free(text), open_memstream(&text, &size));

	render_find(name)->render(&model, &options, out);
	fclose(out);
	assert_int_equal(strlen(text), size);
}

static json_t *parse(void)
{
	json_error_t error;
	json_t *json = json_loads(text, 0, &error);

	if (json == NULL)
		print_error("%s: %s\n", error.text, text);
	assert_non_null(json);
	return json;
}

static const char *string_at(json_t *json, const char *name)
{
	const char *value = json_string_value(json_object_get(json, name));

	assert_non_null(value);
	return value;
}

static size_t count_of(const char *what)
{
	size_t count = 0;

	for (const char *at = text; (at = strstr(at, what)) != NULL; at += strlen(what))
		count++;
	return count;
}

static json_t *results(json_t *log)
{
	return json_object_get(json_array_get(json_object_get(log, "runs"), 0), "results");
}

static void suppressed_sites_say_by_what(void **state)
{
	(void)state;
	add_process();
	struct site *site = add_site(CLASS_SUPPRESSED, 16, 100);
	site->suppression = EVIL;
	site->class_without = CLASS_POSSIBLE;
	add_site(CLASS_SUPPRESSED, 32, 200); /* the program asked for it */
	show_all();

	render("sarif");
	json_t *log = parse(), *list = results(log);
	assert_int_equal(json_array_size(list), 2);
	json_t *first = json_array_get(json_object_get(json_array_get(list, 0), "suppressions"), 0);
	json_t *second = json_array_get(json_object_get(json_array_get(list, 1), "suppressions"), 0);
	assert_string_equal(string_at(json_array_get(list, 0), "ruleId"), "LEAK003");
	assert_string_equal(string_at(first, "kind"), "external");
	assert_string_equal(string_at(second, "kind"), "inSource");
	json_decref(log);

	render("junit");
	assert_int_equal(count_of("<skipped "), 2);
	assert_int_equal(count_of("<failure"), 0);
	assert_int_equal(count_of("name=\"nothing leaked\""), 1);
	assert_non_null(strstr(text, "tests=\"3\" failures=\"0\" errors=\"0\" skipped=\"2\""));
	render("gitlab");
	log = parse();
	assert_int_equal(json_array_size(log), 0);
	json_decref(log);
	render("github");
	assert_int_equal(count_of("\n"), 1);
	render("valgrind-xml");
	assert_int_equal(count_of("<error>"), 0);
	assert_int_equal(count_of("<pair>"), 1);
	render("memcheck");
	assert_non_null(strstr(text, "suppressed: 300 bytes in 2 blocks"));
	assert_non_null(strstr(text, "0 errors from 0 contexts (suppressed: 2 from 2)"));
}

static void what_was_not_judged_does_not_pass(void **state)
{
	(void)state;
	add_process();
	add_process();
	model.processes[0].unjudged = model.processes[1].unjudged = true;
	model.unseen = calloc(2, sizeof(*model.unseen));
	model.unseen_count = 2;
	for (size_t i = 0; i < 2; i++)
		model.unseen[i] = (struct unseen){.program = strdup("/bin/" EVIL),
			.pid = 4711,
			.recorded = true,
			.reason = strdup(EVIL)};
	show_all();

	render("junit");
	assert_int_equal(count_of("<testcase"), 1);
	assert_int_equal(count_of("<skipped message=\"2 processes; /bin/a&quot;"), 1);
	assert_non_null(strstr(text, "tests=\"1\" failures=\"0\" errors=\"0\" skipped=\"1\""));
	render("sarif");
	json_t *log = parse();
	json_t *invocation = json_array_get(json_object_get(json_array_get(json_object_get(log, "runs"), 0),
		"invocations"), 0);
	assert_true(json_is_true(json_object_get(invocation, "executionSuccessful")));
	assert_int_equal(json_array_size(json_object_get(invocation, "toolExecutionNotifications")), 2);
	json_decref(log);

	model.unseen_fails = true;
	render("junit");
	assert_non_null(strstr(text, "tests=\"1\" failures=\"0\" errors=\"1\" skipped=\"0\""));
	render("sarif");
	assert_int_equal(count_of("\"executionSuccessful\":false"), 1);
}

static void equal_fingerprints_are_numbered(void **state)
{
	(void)state;
	add_process();
	add_site(CLASS_DEFINITE, 16, 300);
	add_site(CLASS_DEFINITE, 32, 200);
	add_site(CLASS_POSSIBLE, 48, 100);
	show_all();

	render("gitlab");
	json_t *list = parse();
	assert_string_equal(
		string_at(json_array_get(list, 0), "fingerprint"), "1234567890abcdef-definite-1");
	assert_string_equal(
		string_at(json_array_get(list, 1), "fingerprint"), "1234567890abcdef-definite-2");
	assert_string_equal(
		string_at(json_array_get(list, 2), "fingerprint"), "1234567890abcdef-possible-1");
	json_decref(list);
	render("junit");
	assert_int_equal(count_of("definite 12345678 #2\""), 1);
}

static void known_sites_are_no_failures(void **state)
{
	(void)state;
	add_process();
	add_site(CLASS_DEFINITE, 16, 300)->baseline = BASELINE_KNOWN;
	add_site(CLASS_DEFINITE, 32, 200)->baseline = BASELINE_GROWN;
	add_site(CLASS_DEFINITE, 48, 100)->baseline = BASELINE_NEW;
	show_all();

	render("sarif");
	json_t *log = parse();
	assert_string_equal(string_at(json_array_get(results(log), 0), "baselineState"), "unchanged");
	assert_string_equal(string_at(json_array_get(results(log), 1), "baselineState"), "updated");
	assert_string_equal(string_at(json_array_get(results(log), 2), "baselineState"), "new");
	json_decref(log);
	render("junit");
	assert_non_null(strstr(text, "tests=\"3\" failures=\"2\" errors=\"0\" skipped=\"1\""));
	assert_int_equal(count_of("<skipped message=\"it is in the baseline\"/>"), 1);
	render("github");
	assert_int_equal(count_of("::error "), 2);
	assert_non_null(strstr(text, "; 1 is in the baseline\n"));
	render("markdown");
	assert_int_equal(count_of("| known: definitely lost |"), 1);
}

static void names_stay_in_their_place(void **state)
{
	(void)state;
	add_process();
	add_site(CLASS_DEFINITE, 16, 300);
	show_all();

	render("github");
	assert_int_equal(count_of("\n"), 2);
	assert_ptr_equal(strstr(text, "::error file=a\"'<&>]]>\\x0a\\x0d\\x09%25%2C%3A%3A|"), text);
	assert_null(strstr(text, "##["));
	assert_null(strchr(text, '\r'));
	assert_null(strchr(text, '\x1b'));
	render("valgrind-xml");
	assert_int_equal(count_of("]]]]><![CDATA[>"), 1);
	assert_null(strstr(text, "\xef\xbf\xbe"));
	assert_null(strchr(text, '\xff'));
	assert_non_null(strstr(text, "<fn>a&quot;'&lt;&amp;&gt;]]&gt;\\x0a"));
	render("junit");
	assert_null(strstr(text, "\xef\xbf\xbe"));
	assert_null(strchr(text, '\xff'));
	render("sarif");
	json_t *log = parse(), *result = json_array_get(results(log), 0);
	const char *message = string_at(json_object_get(result, "message"), "text");
	assert_non_null(strstr(message, "[x] (y)")); /* "[x](y)" would be a link */
	const char *name = string_at(json_array_get(json_object_get(json_array_get(
		json_object_get(result, "locations"), 0), "logicalLocations"), 0), "fullyQualifiedName");
	assert_non_null(strstr(name, "[x](y)"));
	json_decref(log);
	render("markdown");
	assert_null(strstr(text, "[x]"));
	assert_null(strstr(text, "`"));
}

static void a_site_without_a_stack_has_a_place(void **state)
{
	(void)state;
	add_process();
	add_site(CLASS_UNKNOWN, 0, 300);
	show_all();

	render("sarif");
	json_t *log = parse();
	json_t *result = json_array_get(results(log), 0);
	assert_string_equal(string_at(result, "ruleId"), "LEAK011");
	json_t *place = json_object_get(
		json_array_get(json_object_get(result, "locations"), 0), "physicalLocation");
	assert_non_null(strstr(string_at(json_object_get(place, "artifactLocation"), "uri"), "/bin/a%22"));
	json_decref(log);
	render("valgrind-xml");
	assert_non_null(strstr(text, "<kind>Leak_PossiblyLost</kind>"));
	assert_int_equal(count_of("<auxwhat>"), 1);
	render("memcheck");
	assert_non_null(strstr(text, "Of what is possibly lost, 300 bytes in 1 blocks were not classified."));
}

static void many_sites_keep_to_the_limits(void **state)
{
	(void)state;
	add_process();
	for (uint64_t i = 0; i < 5100; i++)
		add_site(CLASS_DEFINITE, 16 + i * 16, 10000 - i);
	show_all();

	render("sarif");
	json_t *log = parse();
	assert_int_equal(json_array_size(results(log)), 5000);
	json_decref(log);
	assert_non_null(strstr(text, "100 results of less weight were left out"));
	render("github");
	assert_int_equal(count_of("::error "), 10);
	assert_non_null(strstr(text, "; 10 of 5100 call sites are annotated\n"));
	render("markdown");
	assert_true(strlen(text) < 1024 * 1024);
	assert_non_null(strstr(text, "And 5000 more call sites."));
	render("memcheck");
	assert_non_null(strstr(text, "are definitely lost in loss record 5,100 of 5,100\n"));
}

static void a_model_without_anything_renders(void **state)
{
	static const char *const names[] = {"sarif", "junit", "gitlab", "github", "markdown",
		"valgrind-xml", "memcheck"};

	(void)state;
	show_all();
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		render(names[i]);
		assert_true(text[0] != '\0');
	}
}

/* Names' own paths: what is below the root is relative, whatever dots are in it. */
static void paths_are_below_the_root(void **state)
{
	static const struct {
		const char *directory, *file, *expected;
	} rows[] = {
		{"/src/build", "../lib/./a.c", "lib/a.c"},
		{NULL, "/src//x/../a.c", "a.c"},
		{"/src", "a.c", "a.c"},
		{"/srcs", "a.c", "/srcs/a.c"},
		{NULL, "/../../a.c", "/a.c"},
		{NULL, "/src", "/src"},
		{NULL, "a.c", "a.c"},
		{".", "./x/../b/a.c", "b/a.c"},
	};

	(void)state;
	add_process();
	add_site(CLASS_DEFINITE, 16, 300);
	show_all();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		location.directory = rows[i].directory;
		location.file = rows[i].file;
		render("gitlab");
		json_t *list = parse();
		assert_string_equal(string_at(json_object_get(json_array_get(list, 0), "location"), "path"),
			rows[i].expected);
		json_decref(list);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(suppressed_sites_say_by_what, start, stop),
		cmocka_unit_test_setup_teardown(what_was_not_judged_does_not_pass, start, stop),
		cmocka_unit_test_setup_teardown(equal_fingerprints_are_numbered, start, stop),
		cmocka_unit_test_setup_teardown(known_sites_are_no_failures, start, stop),
		cmocka_unit_test_setup_teardown(names_stay_in_their_place, start, stop),
		cmocka_unit_test_setup_teardown(a_site_without_a_stack_has_a_place, start, stop),
		cmocka_unit_test_setup_teardown(many_sites_keep_to_the_limits, start, stop),
		cmocka_unit_test_setup_teardown(a_model_without_anything_renders, start, stop),
		cmocka_unit_test_setup_teardown(paths_are_below_the_root, start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
