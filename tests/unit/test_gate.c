/* The gate: which limits are read, what each measures of models made by hand, and what it leaves out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/gate.h"

#define LOST (CLASS_BIT(CLASS_DEFINITE) | CLASS_BIT(CLASS_POSSIBLE))
#define SECOND 1000000000u

static struct model model;
static struct gate gate;
static struct error error;
static uint64_t next_offset;

static int start(void **state)
{
	(void)state;
	model_init(&model);
	gate = (struct gate){0};
	next_offset = 1;
	return 0;
}

static int stop(void **state)
{
	(void)state;
	gate_free(&gate);
	model_free(&model);
	return 0;
}

/* A process that ran for so long. Returns its id. */
static size_t ran(uint64_t run_ns)
{
	struct process *process = model_add_process(&model);

	process->run_ns = run_ns;
	return process->id;
}

/* A new site of which this process has so much. Returns its index: sites move. */
static size_t leaked(size_t process, enum site_class class, uint64_t bytes, uint64_t blocks)
{
	uint32_t module = model_module(&model, "/home/me/app", NULL, 0, true, 0);
	uint32_t frame = model_frame(&model, 0, module, next_offset++, 0);
	struct site *site = model_site(&model, KIND_HEAP, class, "malloc", frame);

	model_site_add_live(site, process, &(struct amount){.bytes = bytes, .blocks = blocks});
	site->fingerprint = next_offset;
	return (size_t)(site - model.sites);
}

static void limits(const char *list)
{
	gate_free(&gate);
	assert_int_equal(gate_add(&gate, list, &error), 0);
}

static void apply(unsigned kinds, uint64_t known_bytes, uint64_t iterations)
{
	gate_apply(&gate, &model, kinds, known_bytes, iterations);
}

/* Does the list let the model pass? `marked` sites are over it. */
static void expect(const char *list, bool over, size_t marked)
{
	size_t count = 0;

	limits(list);
	apply(LOST, 0, 1);
	for (size_t i = 0; i < model.site_count; i++)
		count += model.sites[i].over_limit;
	if (gate.is_over != over || count != marked || gate.over_sites != marked)
		fail_msg("%s: over %d at %zu sites (%zu said)", list, gate.is_over, count, gate.over_sites);
}

static void wrong(const char *list)
{
	error.text[0] = '\0';
	gate_free(&gate);
	if (gate_add(&gate, list, &error) == 0)
		fail_msg("taken: %s", list);
	assert_non_null(strstr(error.text, "--fail-on="));
}

static void limits_are_read(void **state)
{
	static const struct {
		const char *text;
		enum gate_measure measure;
		bool each_site;
		double value;
	} right[] = {
		{"any", GATE_ANY, false, 0},
		{"new", GATE_NEW, false, 0},
		{"site:new", GATE_NEW, true, 0},
		{"bytes>0", GATE_BYTES, false, 0},
		{"bytes>100", GATE_BYTES, false, 100},
		{"bytes>1.5K", GATE_BYTES, false, 1536},
		{"bytes>64k", GATE_BYTES, false, 65536},
		{"bytes>1KiB", GATE_BYTES, false, 1024},
		{"bytes>2M", GATE_BYTES, false, 2097152},
		{"bytes>1G", GATE_BYTES, false, 1073741824},
		{"site:blocks>7", GATE_BLOCKS, true, 7},
		{"increase:10%", GATE_INCREASE, false, 10},
		{"increase:0", GATE_INCREASE, false, 0},
		{"site:increase:2.5%", GATE_INCREASE, true, 2.5},
		{"slope>1K", GATE_SLOPE, false, 1024},
		{"per-iter>0", GATE_PER_ITERATION, false, 0},
		{"site:per-iter>12", GATE_PER_ITERATION, true, 12},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(right) / sizeof(right[0]); i++) {
		limits(right[i].text);
		assert_int_equal(gate.count, 1);
		assert_string_equal(gate.limits[0].text, right[i].text);
		assert_int_equal(gate.limits[0].measure, right[i].measure);
		assert_int_equal(gate.limits[0].each_site, right[i].each_site);
		assert_true(gate.limits[0].value == right[i].value);
		assert_true(gate_has(&gate, right[i].measure));
	}
	limits("new,,bytes>1,site:blocks>2,");
	assert_int_equal(gate.count, 3);
	assert_string_equal(gate.limits[1].text, "bytes>1");
	assert_true(gate_has(&gate, GATE_BLOCKS) && !gate_has(&gate, GATE_ANY));
}

static void wrong_limits_are_told(void **state)
{
	static const char *const texts[] = {"", ",", "all", "an", "anything", "any>1", "new:", "bytes", "bytes>",
		"bytes:5", "bytes>x", "bytes>-1", "bytes>nan", "bytes>inf", "bytes>1e19", "bytes>1Q",
		"bytes>1KK", "bytes>1Ki", "bytes>1 ", "bytes> 1", "bytes>+1", "bytes>0x10", "bytes>5%", "bytes>=5", "blocks>",
		"increase", "increase>5", "increase:", "increase:5%%", "increase:1K", "slope>", "per-iter", "site:",
		"site:site:any", "Site:any", "any,bytes>x", " any"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		wrong(texts[i]);
}

static void nothing_leaked_passes(void **state)
{
	(void)state;
	size_t process = ran(SECOND);
	leaked(process, CLASS_REACHABLE, 1000, 10);
	leaked(process, CLASS_INDIRECT, 1000, 10);
	leaked(process, CLASS_UNKNOWN, 1000, 10);
	leaked(process, CLASS_SUPPRESSED, 1000, 10);
	expect("any,bytes>0,blocks>0,slope>0,per-iter>0,increase:0%,site:bytes>0", false, 0);
	assert_int_equal(gate.judged_sites, 0);
	/* A set of all classes is not one that takes back a suppression. */
	limits("any");
	apply(CLASSES_ALL, 0, 1);
	assert_int_equal(gate.over_sites, 3);
	assert_int_equal(gate.over.bytes, 3000);
}

static void totals_and_sites_differ(void **state)
{
	(void)state;
	size_t process = ran(SECOND);
	leaked(process, CLASS_DEFINITE, 100, 2);
	leaked(process, CLASS_POSSIBLE, 60, 6);
	expect("any", true, 2);
	expect("bytes>159", true, 2);
	assert_int_equal(gate.limits[0].sites, 2);
	assert_true(gate.limits[0].measured == 160);
	expect("bytes>160", false, 0);
	expect("site:bytes>99", true, 1);
	assert_true(gate.limits[0].measured == 100 && model.sites[0].over_limit);
	expect("site:bytes>100", false, 0);
	expect("blocks>7", true, 2);
	expect("blocks>8", false, 0);
	expect("site:blocks>5", true, 1);
	assert_true(model.sites[1].over_limit);
	/* One of several is enough, and only what is over counts. */
	expect("bytes>1K,site:blocks>5", true, 1);
	assert_true(!gate.limits[0].is_over && gate.limits[1].is_over);
	assert_int_equal(gate.over.bytes, 60);
	assert_int_equal(gate.judged.bytes, 160);
}

static void empty_blocks_are_leaks(void **state)
{
	(void)state;
	leaked(ran(SECOND), CLASS_DEFINITE, 0, 3); /* malloc(0) */
	expect("any", true, 1);
	expect("blocks>2", true, 1);
	expect("bytes>0,slope>0", false, 0);
}

static void what_is_lost_through_blocks_counts(void **state)
{
	(void)state;
	size_t process = ran(2ull * SECOND);
	size_t list = leaked(process, CLASS_DEFINITE, 16, 1);
	leaked(process, CLASS_INDIRECT, 84, 4);
	model.sites[list].indirect = (struct amount){.bytes = 84, .blocks = 4};
	expect("bytes>99", true, 1);
	expect("bytes>100", false, 0);
	expect("blocks>4", true, 1);
	expect("slope>49", true, 1);
	expect("slope>50", false, 0);
	/* Listed by its own site it is not counted twice. */
	limits("bytes>100");
	apply(LOST | CLASS_BIT(CLASS_INDIRECT), 0, 1);
	assert_false(gate.is_over);
	assert_int_equal(gate.judged.bytes, 100);
	assert_int_equal(gate.judged_sites, 2);
}

static void what_is_lost_through_blocks_is_parted(void **state)
{
	(void)state;
	size_t one = ran(SECOND), other = ran(2ull * SECOND);
	size_t list = leaked(one, CLASS_DEFINITE, 16, 1);
	struct site *site = &model.sites[list];
	model_site_add_live(site, other, &(struct amount){.bytes = 48, .blocks = 3});
	site->indirect = (struct amount){.bytes = 400, .blocks = 8};
	struct amount share = gate_share(site, LOST, &site->shares[0]);
	assert_int_equal(share.bytes, 116);
	assert_int_equal(share.blocks, 3);
	share = gate_share(site, LOST, &site->shares[1]);
	assert_int_equal(share.bytes, 348);
	assert_int_equal(share.blocks, 9);
	expect("slope>289", true, 1);
	assert_true(gate.limits[0].measured == 290);
	share = gate_share(site, LOST | CLASS_BIT(CLASS_INDIRECT), &site->shares[1]);
	assert_int_equal(share.bytes, 48);
}

static void a_filter_leaves_out(void **state)
{
	(void)state;
	size_t process = ran(SECOND);
	leaked(process, CLASS_DEFINITE, 100, 1);
	size_t other = leaked(process, CLASS_DEFINITE, 900, 9);
	model.sites[other].left_out = true;
	expect("bytes>100,site:blocks>1,slope>100", false, 0);
	expect("any", true, 1);
	assert_int_equal(gate.over.bytes, 100);
}

static void a_baseline_tells_what_is_new(void **state)
{
	(void)state;
	size_t process = ran(SECOND);
	size_t known = leaked(process, CLASS_DEFINITE, 100, 1), grown = leaked(process, CLASS_DEFINITE, 100, 1);
	model.sites[known].baseline = BASELINE_KNOWN;
	model.sites[grown].baseline = BASELINE_GROWN;
	expect("new", false, 0);
	expect("any", true, 2);
	size_t added = leaked(process, CLASS_POSSIBLE, 50, 1);
	model.sites[added].baseline = BASELINE_NEW;
	expect("new", true, 1);
	assert_int_equal(gate.over.bytes, 50);
	model.sites[added].class = CLASS_SUPPRESSED;
	expect("new", false, 0);
}

static void an_increase_is_of_what_the_baseline_counted(void **state)
{
	(void)state;
	size_t process = ran(SECOND);
	size_t known = leaked(process, CLASS_DEFINITE, 100, 1);
	size_t grown = leaked(process, CLASS_DEFINITE, 120, 3);
	model.sites[known].baseline = BASELINE_KNOWN;
	model.sites[known].baseline_amount = (struct amount){.bytes = 100, .blocks = 1};
	model.sites[known].indirect = (struct amount){.bytes = 5000, .blocks = 5}; /* it has none of these */
	model.sites[grown].baseline = BASELINE_GROWN;
	model.sites[grown].baseline_amount = (struct amount){.bytes = 100, .blocks = 2};
	limits("increase:9%,increase:10%,site:increase:19%,site:increase:20%");
	apply(LOST, 200, 1);
	assert_true(gate.limits[0].is_over && gate.limits[0].measured == 10);
	assert_false(gate.limits[1].is_over);
	assert_true(gate.limits[2].is_over && gate.limits[2].sites == 1);
	assert_false(gate.limits[3].is_over);
	assert_true(model.sites[grown].over_limit && !model.sites[known].over_limit);
	/* Bytes without more blocks are an increase, too. */
	model.sites[grown].baseline = BASELINE_KNOWN;
	limits("increase:9%");
	apply(LOST, 200, 1);
	assert_true(gate.is_over && model.sites[grown].over_limit && !model.sites[known].over_limit);
	/* Where there was nothing, anything is. */
	apply(LOST, 0, 1);
	assert_true(gate.is_over && gate.limits[0].measured >= 1e18);
	/* Less is none. */
	apply(LOST, 1000, 1);
	assert_false(gate.is_over);
}

static void places_of_one_fingerprint_grow_together(void **state)
{
	(void)state;
	size_t process = ran(SECOND), sites[2];
	for (size_t i = 0; i < 2; i++) {
		sites[i] = leaked(process, CLASS_DEFINITE, 90, 1);
		model.sites[sites[i]].fingerprint = 77;
		model.sites[sites[i]].baseline = BASELINE_KNOWN;
		model.sites[sites[i]].baseline_amount = (struct amount){.bytes = 100, .blocks = 2};
	}
	limits("site:increase:50%");
	apply(LOST, 100, 1);
	assert_true(gate.is_over && gate.limits[0].measured == 80);
	assert_int_equal(gate.over_sites, 2);
	limits("site:increase:80%");
	apply(LOST, 100, 1);
	assert_false(gate.is_over);
}

static void a_slope_is_each_process_by_its_own_time(void **state)
{
	(void)state;
	size_t slow = ran(10ull * SECOND), fast = ran(SECOND / 2);
	size_t site = leaked(slow, CLASS_DEFINITE, 1000, 10);
	model_site_add_live(&model.sites[site], fast, &(struct amount){.bytes = 50, .blocks = 1});
	expect("slope>199", true, 1);
	assert_true(gate.limits[0].measured == 200);
	expect("slope>200", false, 0);
	leaked(slow, CLASS_DEFINITE, 10, 1);
	expect("slope>200", true, 2);
	expect("site:slope>200", false, 0);
	/* One that ended within a tick of the clock is not without a slope. */
	leaked(ran(0), CLASS_DEFINITE, 100, 1);
	expect("site:slope>1000", true, 1);
}

static void iterations_divide(void **state)
{
	(void)state;
	leaked(ran(SECOND), CLASS_DEFINITE, 1000, 100);
	limits("per-iter>9,per-iter>10");
	apply(LOST, 0, 100);
	assert_true(gate.limits[0].is_over && gate.limits[0].measured == 10);
	assert_false(gate.limits[1].is_over);
}

static void a_second_judgement_starts_anew(void **state)
{
	(void)state;
	size_t site = leaked(ran(SECOND), CLASS_DEFINITE, 1000, 100);
	limits("bytes>10");
	apply(LOST, 0, 1);
	apply(LOST, 0, 1);
	assert_true(gate.is_over && gate.limits[0].measured == 1000);
	assert_int_equal(gate.judged.bytes, 1000);
	assert_int_equal(gate.over_sites, 1);
	model.sites[site].class = CLASS_REACHABLE;
	apply(LOST, 0, 1);
	assert_false(gate.is_over || model.sites[site].over_limit);
	assert_int_equal(gate.over_sites, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(limits_are_read),
		TEST(wrong_limits_are_told),
		TEST(nothing_leaked_passes),
		TEST(totals_and_sites_differ),
		TEST(empty_blocks_are_leaks),
		TEST(what_is_lost_through_blocks_counts),
		TEST(what_is_lost_through_blocks_is_parted),
		TEST(a_filter_leaves_out),
		TEST(a_baseline_tells_what_is_new),
		TEST(an_increase_is_of_what_the_baseline_counted),
		TEST(places_of_one_fingerprint_grow_together),
		TEST(a_slope_is_each_process_by_its_own_time),
		TEST(iterations_divide),
		TEST(a_second_judgement_starts_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
