/*
 * `leak baseline`: keeps the list of known leaks. save makes it of images, show prints it, prune
 * drops what images do not show any more. A file is replaced only when the new one is complete,
 * and not at all when some of what it would be made of cannot be read.
 */
#include "baseline_file.h"
#include "cmd_baseline.h"
#include "cmd_model.h"
#include "cmd_output.h"
#include "command.h"
#include "text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct action {
	const char *name;
	int (*run)(struct settings *settings); /* operands: those behind the name */
};

unsigned cmd_baseline_kinds(const struct settings *settings)
{
	return settings->kinds == KINDS_NOT_GIVEN ? BASELINE_DEFAULT : settings->kinds;
}

int cmd_baseline_read(struct baseline *baseline, const char *path)
{
	struct baseline_faults faults;
	struct error error;

	*baseline = (struct baseline){0};
	if (baseline_load(baseline, path, &faults, &error) < 0) {
		command_complain(path, error.text);
		return EXIT_NOT_MEASURED;
	}
	for (size_t i = 0; i < faults.count && i < BASELINE_FAULTS_MAX; i++) {
		struct error place;
		error_set(&place, "%s:%zu", path, faults.first[i].line);
		command_complain(place.text, faults.first[i].reason);
	}
	if (faults.count > BASELINE_FAULTS_MAX) {
		error_set(&error, "%zu more lines are wrong", faults.count - BASELINE_FAULTS_MAX);
		command_complain(path, error.text);
	}
	return faults.count ? EXIT_NOT_MEASURED : EXIT_OK;
}

static int refuse(const char *path, const char *reason)
{
	command_complain(path, reason);
	return EXIT_NOT_MEASURED;
}

/* Reads the file, which must be there unless `may_miss`, so that nothing in it is lost when it is
 * replaced. */
static int read_whole(struct baseline *baseline, const char *path, bool may_miss)
{
	*baseline = (struct baseline){0};
	if (may_miss && access(path, F_OK) < 0)
		return EXIT_OK;
	int status = cmd_baseline_read(baseline, path);
	if (status != EXIT_OK)
		refuse(path, "is left as it is: repair it, or remove it, first");
	return status;
}

/* The sites of the images that the operands name, all with fingerprints. */
static int load_sites(struct cmd_model *loaded, const struct settings *settings)
{
	struct cmd_view view = {
		.group = "site", .kinds = CLASSES_ALL, .top = SIZE_MAX, .all_sites = true};
	int status = cmd_model_load(loaded, settings);

	if (status != EXIT_OK)
		return status;
	cmd_model_refine(loaded, &view);
	return cmd_model_status(loaded);
}

static int write_baseline(const struct baseline *baseline, const char *path)
{
	struct cmd_output file;
	struct error error;

	if (cmd_output_open(&file, path, &error) < 0)
		return refuse(path, error.text);
	baseline_write(baseline, file.out);
	if (cmd_output_close(&file, &error) < 0)
		return refuse(path, error.text);
	return EXIT_OK;
}

/* What is told once the baseline is written: on stderr, as `path` may be standard output. */
static void tell_saved(const struct baseline *baseline, const struct comparison *comparison,
	const struct settings *settings, const char *path)
{
	char small[TEXT_SMALL];

	if (settings->quiet)
		return;
	char *name = text_escape(path);
	fprintf(stderr, "leak: %s: %s known %s", name, text_count(small, baseline->count),
		text_plural(baseline->count, "leak", "leaks"));
	if (comparison->done)
		fprintf(stderr, "; %zu %s new, %zu %s gone", comparison->added,
			text_plural(comparison->added, "place is", "places are"), comparison->gone,
			text_plural(comparison->gone, "entry is", "entries are"));
	fputc('\n', stderr);
	free(name);
}

static int save(struct settings *settings)
{
	const char *path = settings->output     ? settings->output
			   : settings->baseline ? settings->baseline
						: BASELINE_NAME;
	bool replaces = access(path, F_OK) == 0;
	struct baseline former, baseline = {0};
	struct cmd_model loaded;
	int status = read_whole(&former, path, true);

	if (status != EXIT_OK) {
		baseline_free(&former);
		return status;
	}
	status = load_sites(&loaded, settings);
	if (status == EXIT_OK) {
		unsigned kinds = cmd_baseline_kinds(settings);
		if (replaces)
			baseline_match(&former, &loaded.model, kinds);
		baseline_fill(&baseline, &loaded.model, kinds);
		baseline_inherit(&baseline, &former, settings->note);
		status = write_baseline(&baseline, path);
		if (status == EXIT_OK)
			tell_saved(&baseline, &loaded.model.comparison, settings, path);
	} else if (loaded.model.process_count) {
		refuse(path, "is not written: some images could not be read");
	}
	cmd_model_free(&loaded);
	baseline_free(&baseline);
	baseline_free(&former);
	return status;
}

static void write_text(const char *text)
{
	char *escaped = text_escape(text);

	fputs(escaped, stdout);
	free(escaped);
}

static void show_entry(const struct baseline_entry *entry)
{
	char small[2][TEXT_SMALL];

	printf("%08" PRIx64 "  %11s  %8s  %-8s  ", entry->fingerprint >> 32,
		entry->amount_known ? text_bytes_short(small[0], entry->amount.bytes) : "?",
		entry->amount_known ? text_count(small[1], entry->amount.blocks) : "?",
		entry->kind ? entry->kind : "?");
	write_text(entry->function ? entry->function : "?");
	if (entry->file && entry->file[0]) {
		fputs("  ", stdout);
		write_text(entry->file);
	}
	if (entry->places > 1)
		printf("  (%" PRIu64 " places)", entry->places);
	if (entry->note && entry->note[0]) {
		fputs("  # ", stdout);
		write_text(entry->note);
	}
	putchar('\n');
}

static int show(struct settings *settings)
{
	const char *path = settings->operands.count ? settings->operands.texts[0]
			   : settings->baseline     ? settings->baseline
						    : BASELINE_NAME;
	struct baseline baseline;
	int status = cmd_baseline_read(&baseline, path);

	if (settings->operands.count > 1) {
		command_complain(settings->operands.texts[1], "leak baseline show takes one file");
		status = EXIT_USAGE;
	} else if (baseline.count) {
		printf("%-8s  %11s  %8s  %-8s  %s\n", "ID", "BYTES", "BLOCKS", "KIND", "FUNCTION");
		for (size_t i = 0; i < baseline.count; i++)
			show_entry(&baseline.entries[i]);
	}
	baseline_free(&baseline);
	return status;
}

static void tell_dropped(const struct baseline *baseline)
{
	for (size_t i = 0; i < baseline->count; i++)
		if (!baseline->entries[i].seen)
			show_entry(&baseline->entries[i]);
}

static int prune(struct settings *settings)
{
	const char *path = settings->baseline ? settings->baseline : BASELINE_NAME;
	struct baseline baseline;
	struct cmd_model loaded;
	int status = read_whole(&baseline, path, false);

	if (status != EXIT_OK) {
		baseline_free(&baseline);
		return status;
	}
	status = load_sites(&loaded, settings);
	if (status == EXIT_OK) {
		/* A block that is only reachable this time may be lost the next. */
		baseline_match(&baseline, &loaded.model, CLASSES_ALL);
		if (!settings->quiet)
			tell_dropped(&baseline);
		baseline_prune(&baseline);
		status = write_baseline(&baseline, settings->output ? settings->output : path);
	} else if (loaded.model.process_count) {
		refuse(path, "is left as it is: some images could not be read");
	}
	cmd_model_free(&loaded);
	baseline_free(&baseline);
	return status;
}

int cmd_baseline(struct settings *settings)
{
	static const struct action actions[] = {{"save", save}, {"show", show}, {"prune", prune}};
	struct settings rest = *settings; /* the texts stay those of `settings` */
	const char *name = settings->operands.count ? settings->operands.texts[0] : NULL;

	for (size_t i = 0; name && i < sizeof(actions) / sizeof(actions[0]); i++) {
		if (strcmp(actions[i].name, name) != 0)
			continue;
		rest.operands.texts++;
		rest.operands.count--;
		return actions[i].run(&rest);
	}
	command_complain(name ? name : "",
		"leak baseline takes save, show or prune; `leak help baseline` tells more");
	return EXIT_USAGE;
}
