/*
 * The gate: see gate.h. Called by cmd_check.c and cmd_ci.c. It knows amounts and what a baseline
 * said of each site, not where they come from.
 */
#include "gate.h"

#include "memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct measure {
	const char *name;
	char sign; /* between the name and the value, '\0': there is no value */
} measures[] = {
	[GATE_ANY] = {"any", '\0'},
	[GATE_NEW] = {"new", '\0'},
	[GATE_BYTES] = {"bytes", '>'},
	[GATE_BLOCKS] = {"blocks", '>'},
	[GATE_INCREASE] = {"increase", ':'},
	[GATE_SLOPE] = {"slope", '>'},
	[GATE_PER_ITERATION] = {"per-iter", '>'},
};

#define VALUE_MAX 1e18 /* of a limit */
#define MEASURES (sizeof(measures) / sizeof(measures[0]))

/* ---- reading ---- */

/* A number, with K, M or G for powers of 1024; of a share with %. */
static bool read_value(const char *text, bool percent, double *ret)
{
	char *end;

	if (strspn(text, "0123456789.") != strcspn(text, "KMGkmg%"))
		return false; /* strtod takes blanks, signs, nan and more */
	errno = 0;
	*ret = strtod(text, &end);
	if (end == text || errno || *ret > VALUE_MAX)
		return false;
	if (percent)
		return *end == '\0' || strcmp(end, "%") == 0;
	switch (*end) {
	case 'G':
	case 'g':
		*ret *= 1024;
		/* fall through */
	case 'M':
	case 'm':
		*ret *= 1024;
		/* fall through */
	case 'K':
	case 'k':
		*ret *= 1024;
		end++;
		if (strcmp(end, "iB") == 0)
			end += 2;
		break;
	default:
		break;
	}
	return *end == '\0';
}

static int unknown_limit(const char *text, struct error *error)
{
	return error_set(error,
		"--fail-on=%s is none of new, any, increase:P%%, bytes>N, blocks>N, slope>N, "
		"per-iter>N, or one of them behind 'site:'",
		text);
}

static int add_limit(struct gate *gate, char *text, struct error *error)
{
	struct gate_limit limit = {.text = text};
	const char *at = text;

	if (strncmp(at, "site:", 5) == 0) {
		limit.each_site = true;
		at += 5;
	}
	for (size_t i = 0; i < MEASURES; i++) {
		size_t length = strlen(measures[i].name);
		if (strncmp(at, measures[i].name, length) != 0 || at[length] != measures[i].sign)
			continue;
		limit.measure = (enum gate_measure)i;
		if (measures[i].sign &&
			!read_value(at + length + 1, i == GATE_INCREASE, &limit.value))
			return error_set(error, "--fail-on=%s: '%s' is not a number%s", text,
				at + length + 1,
				i == GATE_INCREASE ? " of percent" : ", with K, M or G behind it");
		gate->limits = memory_grow(
			gate->limits, &gate->capacity, gate->count + 1, sizeof(*gate->limits));
		gate->limits[gate->count++] = limit;
		return 0;
	}
	return unknown_limit(text, error);
}

int gate_add(struct gate *gate, const char *list, struct error *error)
{
	if (list[strspn(list, ",")] == '\0')
		return unknown_limit(list, error);
	while (*list) {
		size_t length = strcspn(list, ",");
		char *text = memory_copy(list);

		text[length] = '\0';
		if (length && add_limit(gate, text, error) < 0) {
			free(text);
			return -1;
		}
		if (length == 0)
			free(text);
		list += length + (list[length] == ',');
	}
	return 0;
}

bool gate_has(const struct gate *gate, enum gate_measure measure)
{
	for (size_t i = 0; i < gate->count; i++)
		if (gate->limits[i].measure == measure)
			return true;
	return false;
}

void gate_free(struct gate *gate)
{
	for (size_t i = 0; i < gate->count; i++)
		free((char *)gate->limits[i].text);
	free(gate->limits);
	*gate = (struct gate){0};
}

/* ---- judging ---- */

struct judging {
	unsigned kinds;
	uint64_t known_bytes, iterations;
	const struct site *sites; /* the model's */
	double *seconds;          /* of each process's run, by its id */
	uint64_t *direct_bytes;   /* of all judged sites with a site's fingerprint, by its index */
};

struct amount gate_amount(const struct site *site, unsigned kinds)
{
	struct amount amount = site->live;

	if (site->class == CLASS_DEFINITE && !(kinds & CLASS_BIT(CLASS_INDIRECT))) {
		amount.bytes += site->indirect.bytes;
		amount.blocks += site->indirect.blocks;
	}
	return amount;
}

static bool is_judged(const struct site *site, unsigned kinds)
{
	return !site->left_out && !site->foreign && !site->replaced &&
	       kinds & CLASS_BIT(site->class) && gate_amount(site, kinds).blocks;
}

#define RUN_LEAST_NS 1000000u /* for a process that began and ended within a tick of the clock */

struct amount gate_share(const struct site *site, unsigned kinds, const struct share *share)
{
	struct amount whole = gate_amount(site, kinds), part = share->live;
	double ratio =
		site->live.blocks ? (double)share->live.blocks / (double)site->live.blocks : 0;

	part.bytes += (uint64_t)((double)(whole.bytes - site->live.bytes) * ratio);
	part.blocks += (uint64_t)((double)(whole.blocks - site->live.blocks) * ratio);
	return part;
}

/* Bytes a second: each process by the time that it ran. */
static double slope_of(const struct judging *judging, const struct site *site)
{
	double slope = 0;

	for (size_t i = 0; i < site->share_count; i++)
		slope += (double)gate_share(site, judging->kinds, &site->shares[i]).bytes /
			 judging->seconds[site->shares[i].process];
	return slope;
}

static double increase(double now, double before)
{
	return before > 0 ? (now - before) / before * 100 : now > 0 ? GATE_FROM_NOTHING : 0;
}

/* As the baseline has it: of all sites with the fingerprint, without what is lost through blocks.
 */
static double direct_bytes(const struct judging *judging, const struct site *site)
{
	return (double)judging->direct_bytes[site - judging->sites];
}

/* What a limit measures of one site. A limit on all adds this up, but for an increase. */
static double measure_site(
	const struct judging *judging, const struct gate_limit *limit, const struct site *site)
{
	struct amount amount = gate_amount(site, judging->kinds);

	switch (limit->measure) {
	case GATE_NEW:
		return site->baseline == BASELINE_NEW ? (double)amount.blocks : 0;
	case GATE_ANY:
	case GATE_BLOCKS:
		return (double)amount.blocks;
	case GATE_INCREASE:
		return limit->each_site ? increase(direct_bytes(judging, site),
						  (double)site->baseline_amount.bytes)
					: (double)site->live.bytes;
	case GATE_SLOPE:
		return slope_of(judging, site);
	case GATE_PER_ITERATION:
		return (double)amount.bytes / (double)judging->iterations;
	default:
		return (double)amount.bytes;
	}
}

/* A thing that may not be at all is looked for site by site. */
static bool is_of_each(const struct gate_limit *limit)
{
	return limit->each_site || limit->measure == GATE_ANY || limit->measure == GATE_NEW;
}

static void apply_limit(
	struct gate_limit *limit, struct model *model, const struct judging *judging)
{
	bool each = is_of_each(limit);

	for (size_t i = 0; i < model->site_count; i++) {
		struct site *site = &model->sites[i];
		if (!is_judged(site, judging->kinds))
			continue;
		double measured = measure_site(judging, limit, site);
		if (!each) {
			limit->measured += measured;
			limit->sites += measured > 0;
			continue;
		}
		if (measured > limit->measured)
			limit->measured = measured;
		if (measured > limit->value) {
			site->over_limit = true;
			limit->sites++;
		}
	}
	if (limit->measure == GATE_INCREASE && !limit->each_site)
		limit->measured = increase(limit->measured, (double)judging->known_bytes);
	limit->is_over = each ? limit->sites > 0 : limit->measured > limit->value;
}

/* Where all together are over a limit, each site is a part of that; of an increase only those that
 * have more bytes than before. */
static void spread(
	const struct gate_limit *limit, struct model *model, const struct judging *judging)
{
	if (!limit->is_over || is_of_each(limit))
		return;
	for (size_t i = 0; i < model->site_count; i++) {
		struct site *site = &model->sites[i];
		if (is_judged(site, judging->kinds) &&
			(limit->measure != GATE_INCREASE ||
				direct_bytes(judging, site) > (double)site->baseline_amount.bytes))
			site->over_limit = true;
	}
}

/* One that ended within a tick of the clock ran for at most that. */
static double *seconds_of(const struct model *model)
{
	double *seconds = memory_zero(model->process_count, sizeof(*seconds));

	for (size_t i = 0; i < model->process_count; i++) {
		uint64_t run_ns = model->processes[i].run_ns;
		seconds[model->processes[i].id] =
			(double)(run_ns > RUN_LEAST_NS ? run_ns : RUN_LEAST_NS) / 1e9;
	}
	return seconds;
}

static int compare_fingerprints(const void *a, const void *b)
{
	const struct site *one = *(const struct site *const *)a;
	const struct site *other = *(const struct site *const *)b;

	return one->fingerprint < other->fingerprint ? -1 : one->fingerprint > other->fingerprint;
}

static uint64_t *direct_bytes_of(const struct model *model, unsigned kinds)
{
	uint64_t *bytes = memory_zero(model->site_count, sizeof(*bytes));
	const struct site **sites = memory_zero(model->site_count, sizeof(*sites));
	size_t count = 0, end;

	for (size_t i = 0; i < model->site_count; i++)
		if (is_judged(&model->sites[i], kinds))
			sites[count++] = &model->sites[i];
	if (count)
		qsort(sites, count, sizeof(*sites), compare_fingerprints);
	for (size_t i = 0; i < count; i = end) {
		uint64_t sum = 0;
		for (end = i; end < count && sites[end]->fingerprint == sites[i]->fingerprint;
			end++)
			sum += sites[end]->live.bytes;
		for (size_t k = i; k < end; k++)
			bytes[sites[k] - model->sites] = sum;
	}
	free(sites);
	return bytes;
}

void gate_apply(struct gate *gate, struct model *model, unsigned kinds, uint64_t known_bytes,
	uint64_t iterations)
{
	kinds &= ~CLASS_BIT(CLASS_SUPPRESSED); /* which "all" has, too */
	struct judging judging = {.kinds = kinds,
		.known_bytes = known_bytes,
		.iterations = iterations ? iterations : 1,
		.sites = model->sites,
		.seconds = seconds_of(model)};

	judging.direct_bytes = direct_bytes_of(model, kinds);
	gate->is_over = false;
	gate->judged = gate->over = (struct amount){0};
	gate->judged_sites = gate->over_sites = 0;
	for (size_t i = 0; i < model->site_count; i++)
		model->sites[i].over_limit = false;
	for (size_t i = 0; i < gate->count; i++) {
		struct gate_limit *limit = &gate->limits[i];
		limit->is_over = false;
		limit->measured = 0;
		limit->sites = 0;
		apply_limit(limit, model, &judging);
		spread(limit, model, &judging);
		gate->is_over = gate->is_over || limit->is_over;
	}
	for (size_t i = 0; i < model->site_count; i++) {
		const struct site *site = &model->sites[i];
		struct amount amount = gate_amount(site, kinds);
		if (!is_judged(site, kinds))
			continue;
		gate->judged.bytes += amount.bytes;
		gate->judged.blocks += amount.blocks;
		gate->judged_sites++;
		gate->over.bytes += site->over_limit ? amount.bytes : 0;
		gate->over.blocks += site->over_limit ? amount.blocks : 0;
		gate->over_sites += site->over_limit;
	}
	free(judging.seconds);
	free(judging.direct_bytes);
}
