/*
 * Baselines (analyzer/baseline*.c): the input is the file. What was read and written once is read
 * and written the same again.
 */
#include "fuzz.h"
#include "fuzz_file.h"
#include "fuzz_model.h"

#include "analyzer/baseline_file.h"
#include "analyzer/fingerprint.h"

#include <stdlib.h>
#include <string.h>

static char *written(const struct baseline *baseline, size_t *ret_size)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, ret_size);

	baseline_write(baseline, out);
	fclose(out);
	return text;
}

static void read_again(const char *text, size_t size)
{
	struct baseline baseline = {0};
	struct baseline_faults faults;
	struct error error;
	size_t again_size;

	fuzz_file_set(text, size);
	PROMISE(baseline_load(&baseline, FUZZ_FILE, &faults, &error) == 0 && faults.count == 0);
	char *again = written(&baseline, &again_size);
	PROMISE(again_size == size && memcmp(again, text, size) == 0);
	free(again);
	baseline_free(&baseline);
}

/* The fingerprints of fuzz_model.h's sites, which are always the same. */
static void set_fingerprints(struct model *model)
{
	static struct {
		uint64_t fingerprint, place;
	} known[8];

	PROMISE(model->site_count <= 8);
	for (size_t i = 0; i < model->site_count; i++) {
		struct site *site = &model->sites[i];
		if (known[i].fingerprint == 0)
			known[i].fingerprint = fingerprint_site(model, site, &known[i].place);
		site->fingerprint = known[i].fingerprint;
		site->place = known[i].place;
	}
}

static void compare(struct baseline *baseline)
{
	struct baseline now = {0};
	struct model model;

	fuzz_model_make(&model);
	set_fingerprints(&model);
	baseline_match(baseline, &model, BASELINE_DEFAULT);
	baseline_fill(&now, &model, BASELINE_DEFAULT);
	baseline_inherit(&now, baseline, "note");
	baseline_prune(baseline);
	PROMISE(baseline->count <= model.site_count);
	baseline_free(&now);
	model_free(&model);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct baseline baseline = {0};
	struct baseline_faults faults;
	struct error error;
	size_t text_size;

	fuzz_file_set(data, size);
	PROMISE(baseline_load(&baseline, FUZZ_FILE, &faults, &error) == 0);
	if (baseline.count) {
		char *text = written(&baseline, &text_size);
		read_again(text, text_size);
		compare(&baseline);
		free(text);
	}
	baseline_free(&baseline);
	return 0;
}
