/* Suppressions: what the parsers take and refuse, what entries match, and what goes with it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/memory.h"
#include "analyzer/suppress.h"
#include "analyzer/suppress_stack.h"
#include "analyzer/suppress_valgrind.h"
#include "analyzer/valgrind_names.h"

static struct suppressions set;
static struct model model;
static struct symbol *symbols[16];
static size_t symbol_count;

static int start(void **state)
{
	(void)state;
	suppress_init(&set);
	model_init(&model);
	model_add_process(&model)->pid = 1;
	return 0;
}

static int stop(void **state)
{
	(void)state;
	suppress_free(&set);
	model_free(&model);
	while (symbol_count) {
		free(symbols[--symbol_count]->locations);
		free(symbols[symbol_count]);
	}
	return 0;
}

/* Parses a text in memory of just its size, so that a sanitizer sees what is read behind it. */
static int parse_bytes(const char *text, size_t length, struct error *error)
{
	char *exact = malloc(length ? length : 1);

	memcpy(exact, text, length);
	int result = suppress_parse(&set, "f", exact, length, error);
	free(exact);
	return result;
}

static void parse(const char *text)
{
	struct error error;

	if (parse_bytes(text, strlen(text), &error) < 0)
		fail_msg("%s", error.text);
}

static void refuse(const char *text, const char *message)
{
	struct error error;

	assert_int_equal(parse_bytes(text, strlen(text), &error), -1);
	assert_string_equal(error.text, message);
}

/* A frame of a function f, called by `parent`. */
static uint32_t frame(uint32_t parent, uint64_t offset, const char *function)
{
	uint32_t number = model_frame(&model, parent, 0, offset, 0);
	struct symbol *symbol = calloc(1, sizeof(*symbol));

	symbol->count = 1;
	symbol->locations = calloc(1, sizeof(*symbol->locations));
	symbol->locations[0].function = symbol->locations[0].symbol = function;
	model.frames[number].symbol = symbol;
	symbols[symbol_count++] = symbol;
	return number;
}

static size_t site(enum site_class class, uint32_t at, uint64_t bytes, uint64_t blocks)
{
	struct site *site = model_site(&model, KIND_HEAP, class, model_string(&model, "malloc"), at);

	site->allocator = "malloc";
	model_site_add_live(site, 0, &(struct amount){.bytes = bytes, .blocks = blocks});
	model_site_add_pid(site, 1);
	model.processes[0].classes[class].bytes += bytes;
	model.processes[0].classes[class].blocks += blocks;
	return (size_t)(site - model.sites);
}

static void check_class(enum site_class class, uint64_t bytes, uint64_t blocks)
{
	assert_int_equal(model.processes[0].classes[class].bytes, bytes);
	assert_int_equal(model.processes[0].classes[class].blocks, blocks);
}

/* ---- parsing ---- */

static void lsan_lines(void **state)
{
	(void)state;
	parse("# a comment\n\n \t leak:one \t\r\nleak: two\r\nrace:x\nodr_violation:y\nleak:a:b");
	assert_int_equal(set.count, 3);
	assert_string_equal(set.items[0].name, "one");
	assert_int_equal(set.items[0].line, 3);
	assert_string_equal(set.items[1].name, " two");
	assert_string_equal(set.items[2].name, "a:b");
	assert_int_equal(set.items[2].kinds & CLASS_BIT(CLASS_REACHABLE), 0);
	assert_int_equal(set.warning_count, 1);
	refuse("leak:x\nnonsense\n", "f:2: a line of LeakSanitizer's suppressions is leak:PATTERN, not 'nonsense'");
	refuse("leak:x\n{\n", "f:2: a line of LeakSanitizer's suppressions is leak:PATTERN, not '{'");
}

static void a_byte_order_mark_is_skipped(void **state)
{
	(void)state;
	parse("\xef\xbb\xbfleak:one\n");
	assert_string_equal(set.items[0].name, "one");
	parse("\xef\xbb\xbf{\nn\nMemcheck:Leak\nfun:f\n}\n");
	assert_int_equal(set.count, 2);
	parse("\xef\xbb\xbf");
	assert_int_equal(set.count, 2);
	refuse("leak:x\n\xef\xbb\xbfleak:y\n",
		"f:2: a line of LeakSanitizer's suppressions is leak:PATTERN, not '\xef\xbb\xbfleak:y'");
}

static void valgrind_entries(void **state)
{
	(void)state;
	parse("# c\n{\n\t<a name>\n\tMemcheck:Leak\n\tmatch-leak-kinds:reachable,definite\n\t# within\n"
	      "\tfun:malloc\n\t...\n\tobj:*/libz.so*\n\tsrc:a.c:12\n}\n"
	      "{\nother\ndrd:ConflictingAccess\nfun:x\n}\n"
	      "{\nparam\nMemcheck:Param\nwrite(buf)\nfun:y\n}\n"
	      "{\naddr\nMemcheck:Addr8\nfun:y\n}\n"
	      "{\nboth\nHelgrind,Memcheck:Leak\nsrc:b.c\n}\n");
	assert_int_equal(set.count, 2);
	assert_string_equal(set.items[0].name, "<a name>");
	assert_int_equal(set.items[0].line, 2);
	assert_int_equal(set.items[0].line_count, 4);
	assert_int_equal(set.items[0].lines[3].line, 12);
	assert_string_equal(set.items[0].lines[3].pattern, "a.c");
	assert_int_equal(set.items[0].kinds, CLASS_BIT(CLASS_REACHABLE) | CLASS_BIT(CLASS_DEFINITE) |
						     CLASS_BIT(CLASS_UNKNOWN));
	assert_int_equal(set.items[1].kinds, CLASSES_ALL);
}

static void valgrind_refuses(void **state)
{
	(void)state;
	refuse("{\n}\n", "f:2: the entry has no name");
	refuse("{\nn\nMemcheck\n}\n",
		"f:3: after an entry's name comes TOOL:KIND, such as Memcheck:Leak, not 'Memcheck'");
	refuse("{\nn\nMemcheck:Leek\n}\n", "f:3: memcheck has no errors of kind 'Leek'");
	refuse("{\nn\nMemcheck:Leak\nmatch-leak-kinds: some\nfun:f\n}\n",
		"f:4: match-leak-kinds: takes some of definite, indirect, possible and reachable, with "
		"commas, or all, or none; not 'some'");
	refuse("{\nn\nMemcheck:Leak\nf\n}\n", "f:4: a place is fun:NAME, obj:FILE, src:FILE or ..., not 'f'");
	refuse("{\nn\nMemcheck:Leak\n...\n...\n}\n", "f:6: the entry 'n' has no place but '...'");
	refuse("{\nn\nMemcheck:Leak\n}\n", "f:4: the entry 'n' has no place but '...'");
	refuse("{\nn\nMemcheck:Leak\nfun:f\n", "f:4: the file ends within the entry that begins in line 1");
	refuse("{\nn\ndrd:X\n", "f:3: the file ends within the entry that begins in line 1");
	refuse("{\nn\nMemcheck:Leak\nfun:f\n}\nfun:g\n",
		"f:6: an entry of valgrind's suppressions begins with a line '{', not 'fun:g'");
}

static void comments_belong_to_the_next_entry(void **state)
{
	(void)state;
	parse("# reason: first\n# until: 2001-02-03\nleak:one\nleak:two\n# reason: of nobody\n\nleak:three\n"
	      "#until:2999-12-31\nleak:four\n# until: soon\nleak:five\n");
	assert_string_equal(set.items[0].reason, "first");
	assert_true(suppression_is_expired(&set.items[0]));
	assert_null(set.items[1].reason);
	assert_null(set.items[2].reason);
	assert_string_equal(set.items[3].until, "2999-12-31");
	assert_false(suppression_is_expired(&set.items[3]));
	assert_null(set.items[4].until);
	assert_int_equal(set.warning_count, 1);
}

static const char hostile[] =
	"# reason: r\n# until: 2030-01-01\n{\n  name\n  Memcheck,drd:Leak\n  match-leak-kinds: definite,possible\n"
	"  fun:malloc\n  ...\n  obj:*lib*\n  src:f.c:1\n}\n{\nx\nHelgrind:Race\nfun:f\n}\n";

static void cut_anywhere(void **state)
{
	struct error error;

	(void)state;
	for (size_t length = 0; length <= strlen(hostile); length++) {
		parse_bytes(hostile, length, &error);
		suppress_free(&set);
	}
	for (size_t length = 0; length < 30; length++) {
		parse_bytes("leak:a\nrace:b\n  leak:^c*$ \r\n", length < 27 ? length : 27, &error);
		suppress_free(&set);
	}
}

static void any_byte_anywhere(void **state)
{
	static const char bytes[] = {'\0', '\n', '{', '}', '#', ':', '*', '\xff', ' '};
	char text[sizeof(hostile)];
	struct error error;

	(void)state;
	for (size_t at = 0; at + 1 < sizeof(hostile); at++) {
		for (size_t i = 0; i < sizeof(bytes); i++) {
			memcpy(text, hostile, sizeof(hostile));
			text[at] = bytes[i];
			int result = parse_bytes(text, sizeof(hostile) - 1, &error);
			assert_true(result == 0 || strncmp(error.text, "f:", 2) == 0);
			if (bytes[i] == '\0')
				assert_int_equal(result, -1);
			suppress_free(&set);
		}
	}
}

static void long_lines(void **state)
{
	size_t size = 70000;
	char *text = malloc(size);
	struct error error;

	(void)state;
	memset(text, 'x', size);
	memcpy(text, "leak:", 5);
	assert_int_equal(parse_bytes(text, size, &error), -1);
	assert_string_equal(error.text, "f:1: the line is longer than 65536 bytes");
	assert_int_equal(parse_bytes(text, 60000, &error), 0);
	assert_int_equal(strlen(set.items[0].name), 59995);
	free(text);
}

/* ---- matching ---- */

static void lsan_patterns(void **state)
{
	(void)state;
	assert_true(suppress_lsan_match("", "x"));
	assert_false(suppress_lsan_match("x", ""));
	assert_false(suppress_lsan_match("", NULL));
	assert_true(suppress_lsan_match("b", "abc"));
	assert_true(suppress_lsan_match("^ab", "abc"));
	assert_false(suppress_lsan_match("^b", "abc"));
	assert_true(suppress_lsan_match("bc$", "abc"));
	assert_false(suppress_lsan_match("b$", "abc"));
	assert_true(suppress_lsan_match("a*c$", "abc"));
	assert_false(suppress_lsan_match("b$", "abcb")); /* the first place counts */
	assert_true(suppress_lsan_match("b*$", "abc"));
	assert_true(suppress_lsan_match("^a*b*c$", "aXbXc"));
	assert_true(suppress_lsan_match("c*", "abc"));
	assert_false(suppress_lsan_match("c*x", "abc"));
}

static void valgrind_patterns(void **state)
{
	char stars[200], text[5000];

	(void)state;
	assert_true(suppress_valgrind_match("a?c", "abc"));
	assert_false(suppress_valgrind_match("a?c", "ac"));
	assert_true(suppress_valgrind_match("*", ""));
	assert_true(suppress_valgrind_match("a*b*c", "axxbyybc"));
	assert_false(suppress_valgrind_match("ab", "abc"));
	assert_true(suppress_valgrind_match("*ab", "aab"));
	/* Many stars take no longer than few. */
	for (size_t i = 0; i < 198; i += 2)
		memcpy(stars + i, "*a", 2);
	memcpy(stars + 196, "*b", 3);
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_false(suppress_valgrind_match(stars, text));
}

static void valgrind_aliases(void **state)
{
	(void)state;
	assert_true(valgrind_prefers("strdup", "__GI___strdup"));
	assert_true(valgrind_prefers("fdopen@@GLIBC_2.2.5", "_IO_new_fdopen"));
	assert_true(valgrind_prefers("f@@V1", "f"));
	assert_true(valgrind_prefers("f@@V1", "f@V0"));
	assert_true(valgrind_prefers("_ZN1DC1Ei", "_ZN1DC2Ei"));
	assert_true(valgrind_prefers("f", ""));
	assert_true(valgrind_prefers("f", "@V"));
	assert_false(valgrind_prefers("", "f"));
	assert_false(valgrind_prefers("f", "f"));
	assert_false(valgrind_prefers("ff", "f@V"));
	assert_string_equal(valgrind_renamed("_start"), "(below main)");
	assert_string_equal(valgrind_renamed("clone3"), "clone");
	assert_string_equal(valgrind_renamed("f"), "f");
}

/* main -> f -> put, inlined there -> an allocator; whether an entry of these lines hides it. */
static bool hides_inlined(const char *allocator, const char *lines)
{
	char text[300];

	stop(NULL);
	start(NULL);
	size_t index = site(CLASS_DEFINITE, frame(frame(0, 1, "main"), 2, "f"), 100, 2);
	struct symbol *symbol = symbols[symbol_count - 1];
	struct location *places = calloc(2, sizeof(*places));
	places[0] = (struct location){
		.function = "C::put(int)", .symbol = "_ZN1C3putEi", .valgrind = "put", .inlined = true};
	places[1] = symbol->locations[0];
	free(symbol->locations);
	*symbol = (struct symbol){.count = 2, .locations = places};
	model.sites[index].allocator_symbol = allocator;
	snprintf(text, sizeof(text), "{\nn\nMemcheck:Leak\n%s\n}\n", lines);
	parse(text);
	suppress_apply(&set, &model);
	return model.sites[index].class == CLASS_SUPPRESSED;
}

static void inlined_calls_have_two_names(void **state)
{
	(void)state;
	assert_true(hides_inlined("malloc", "fun:malloc\nfun:put\nfun:f\nfun:main"));
	assert_true(hides_inlined("malloc", "fun:malloc\nfun:_ZN1C3putEi\nfun:f"));
	assert_true(hides_inlined("malloc", "fun:malloc\nfun:f\nfun:main"));
	assert_false(hides_inlined("malloc", "fun:malloc\nfun:C::put(int)"));
	assert_false(hides_inlined("malloc", "fun:malloc\nfun:main"));
}

static void allocators_may_be_others(void **state)
{
	(void)state;
	assert_true(hides_inlined("realloc", "fun:malloc\nfun:put"));
	assert_true(hides_inlined("realloc", "fun:realloc\nfun:put"));
	assert_true(hides_inlined("reallocarray", "fun:malloc\nfun:put"));
	assert_true(hides_inlined("reallocarray", "fun:realloc\nfun:f"));
	assert_true(hides_inlined("posix_memalign", "fun:memalign\nfun:posix_memalign\nfun:put"));
	assert_true(hides_inlined("posix_memalign", "...\nfun:posix_memalign\nfun:put"));
	assert_false(hides_inlined("posix_memalign", "fun:memalign\nfun:put"));
	assert_true(hides_inlined("valloc", "fun:memalign\nfun:put"));
	assert_false(hides_inlined("malloc", "fun:memalign\nfun:put"));
	assert_false(hides_inlined("calloc", "fun:malloc\nfun:put"));
	assert_false(hides_inlined("realloc", "fun:malloc\nfun:main"));
}

/* main -> f -> g -> malloc */
static size_t deep_site(enum site_class class)
{
	return site(class, frame(frame(frame(0, 1, "main"), 2, "f"), 3, "g"), 100, 2);
}

static bool hides(const char *text, enum site_class class)
{
	stop(NULL);
	start(NULL);
	size_t index = deep_site(class);
	parse(text);
	suppress_apply(&set, &model);
	return model.sites[index].class == CLASS_SUPPRESSED;
}

static void kinds_are_heeded(void **state)
{
	(void)state;
	assert_true(hides("leak:f", CLASS_DEFINITE));
	assert_true(hides("leak:f", CLASS_INDIRECT));
	assert_true(hides("leak:f", CLASS_POSSIBLE));
	assert_true(hides("leak:f", CLASS_UNKNOWN));
	assert_false(hides("leak:f", CLASS_REACHABLE));
	assert_true(hides("{\nn\nMemcheck:Leak\n...\nfun:f\n}\n", CLASS_REACHABLE));
	assert_false(hides("{\nn\nMemcheck:Leak\nfun:f\n}\n", CLASS_REACHABLE));
	assert_false(hides("{\nn\nMemcheck:Leak\nmatch-leak-kinds:definite\n...\nfun:f\n}\n", CLASS_POSSIBLE));
	assert_true(hides("{\nn\nMemcheck:Leak\nmatch-leak-kinds:definite\n...\nfun:f\n}\n", CLASS_UNKNOWN));
	assert_false(hides("{\nn\nMemcheck:Leak\nmatch-leak-kinds:none\n...\nfun:f\n}\n", CLASS_UNKNOWN));
}

static void the_order_is_the_tools(void **state)
{
	static const char last[] = "{\none\nMemcheck:Leak\n...\nfun:f\n}\n{\ntwo\nMemcheck:Leak\n...\nfun:g\n}\n";
	size_t index = deep_site(CLASS_DEFINITE);

	(void)state;
	parse(last);
	suppress_add_built_in(&set);
	suppress_apply(&set, &model);
	assert_string_equal(model.sites[index].suppression, "two");
	stop(NULL);
	start(NULL);
	index = deep_site(CLASS_DEFINITE);
	parse(last);
	parse("leak:g\nleak:f\n");
	suppress_apply(&set, &model);
	assert_string_equal(model.sites[index].suppression, "g");
	check_class(CLASS_DEFINITE, 0, 0);
	check_class(CLASS_SUPPRESSED, 100, 2);
	assert_int_equal(model.used_count, 1);
	assert_int_equal(model.used[0].hidden.bytes, 100);
}

/* Two sites lose blocks of a third: of that the part goes that is lost through what is hidden. */
static void losses_go_along(void **state)
{
	size_t bad = site(CLASS_DEFINITE, frame(0, 1, "bad"), 10, 1);
	size_t good = site(CLASS_DEFINITE, frame(0, 2, "good"), 20, 1);
	size_t shared = site(CLASS_INDIRECT, frame(0, 3, "shared"), 100, 10);
	size_t alone = site(CLASS_INDIRECT, frame(0, 4, "alone"), 7, 1);
	struct amount six = {.bytes = 60, .blocks = 6}, four = {.bytes = 40, .blocks = 4}, one = {7, 1};

	(void)state;
	model_add_loss(&model, bad, shared, &six);
	model_add_loss(&model, good, shared, &four);
	model_add_loss(&model, bad, alone, &one);
	model_settle_losses(&model);
	parse("leak:bad\nleak:unused\n");
	suppress_measure(&set, &model);
	assert_int_equal(set.items[0].matched.bytes, 77);
	assert_int_equal(set.items[0].matched_sites, 1);
	suppress_apply(&set, &model);
	assert_int_equal(model.sites[shared].live.bytes, 40);
	assert_int_equal(model.sites[shared].class, CLASS_INDIRECT);
	assert_int_equal(model.sites[alone].class, CLASS_SUPPRESSED);
	assert_int_equal(model.sites[alone].class_without, CLASS_INDIRECT);
	assert_int_equal(model.sites[good].indirect.bytes, 40);
	assert_int_equal(model.sites[bad].indirect.bytes, 0);
	assert_int_equal(model.site_count, 5);
	assert_int_equal(model.sites[4].live.blocks, 6);
	assert_string_equal(model.sites[4].suppression, "bad");
	check_class(CLASS_DEFINITE, 20, 1);
	check_class(CLASS_INDIRECT, 40, 4);
	check_class(CLASS_SUPPRESSED, 77, 8);
	assert_int_equal(set.items[0].hidden.bytes, 77);
	assert_int_equal(set.items[1].hidden_sites, 0);
}

/* What is hidden by itself is not told beneath what loses it. */
static void hidden_losses_are_not_counted(void **state)
{
	size_t good = site(CLASS_DEFINITE, frame(0, 2, "good"), 20, 1);
	size_t lost = site(CLASS_INDIRECT, frame(0, 3, "lost"), 100, 10);
	struct amount all = {.bytes = 100, .blocks = 10};

	(void)state;
	model_add_loss(&model, good, lost, &all);
	model_settle_losses(&model);
	parse("leak:^lost$\n");
	suppress_apply(&set, &model);
	assert_int_equal(model.sites[good].class, CLASS_DEFINITE);
	assert_int_equal(model.sites[good].indirect.bytes, 0);
	assert_int_equal(model.sites[good].loss_count, 0);
	check_class(CLASS_SUPPRESSED, 100, 10);
}

/* A check knows what is lost: the built-in ones are for blocks without a class. */
static void built_in_ones_hide_no_leak(void **state)
{
	uint32_t place = frame(0, 1, "__new_exitfn");
	size_t lost = site(CLASS_DEFINITE, place, 10, 1), unknown = site(CLASS_UNKNOWN, place, 20, 1);

	(void)state;
	suppress_add_built_in(&set);
	suppress_apply(&set, &model);
	assert_int_equal(model.sites[lost].class, CLASS_DEFINITE);
	assert_int_equal(model.sites[unknown].class, CLASS_SUPPRESSED);
}

static void built_in_text_is_right(void **state)
{
	(void)state;
	suppress_add_built_in(&set);
	assert_true(set.count > 5);
	assert_int_equal(set.warning_count, 0);
	for (size_t i = 0; i < set.count; i++) {
		assert_true(set.items[i].built_in);
		assert_false(suppression_is_expired(&set.items[i]));
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(lsan_lines),
		TEST(a_byte_order_mark_is_skipped),
		TEST(valgrind_entries),
		TEST(valgrind_refuses),
		TEST(comments_belong_to_the_next_entry),
		TEST(cut_anywhere),
		TEST(any_byte_anywhere),
		TEST(long_lines),
		TEST(lsan_patterns),
		TEST(valgrind_patterns),
		TEST(valgrind_aliases),
		TEST(inlined_calls_have_two_names),
		TEST(allocators_may_be_others),
		TEST(kinds_are_heeded),
		TEST(the_order_is_the_tools),
		TEST(losses_go_along),
		TEST(hidden_losses_are_not_counted),
		TEST(built_in_ones_hide_no_leak),
		TEST(built_in_text_is_right),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
