/*
 * `leak suppress`: makes suppressions and looks after them. gen writes an entry for each site of a
 * report, lint says what is wrong with a file, test what it hides in an image, list prints the
 * built-in ones. lint's exit status is 1 when it found something.
 */
#define _GNU_SOURCE
#include "command.h"

#include "aggregate.h"
#include "cmd_model.h"
#include "fingerprint.h"
#include "memory.h"
#include "suppress.h"
#include "suppress_stack.h"
#include "suppress_write.h"
#include "text.h"
#include "verdict.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_DEPTH 4
#define TRIED_MAX 10000000 /* entries times sites */

/* Loads images with all their names and, with `apply`, hides what the user's suppressions hide in
 * them. `settings` is filled, and must outlive the model. */
static int load(struct cmd_model *loaded, const struct settings *given, struct settings *settings,
	const struct text_list *operands, bool apply)
{
	*settings = *given; /* the texts stay its own */
	settings->operands = *operands;
	settings->output = NULL;
	int status = cmd_model_load_named(loaded, settings, apply);
	if (status == EXIT_OK)
		cmd_model_hide(loaded, true, &loaded->suppressions);
	return status;
}

/* The operands from a number on. */
static struct text_list operands_from(const struct settings *settings, size_t first)
{
	return (struct text_list){.texts = settings->operands.texts + first,
		.count = settings->operands.count - first};
}

/* ---- gen ---- */

static bool is_wanted(const struct settings *settings, const struct row *row)
{
	char id[17];

	if (row->site->class == CLASS_SUPPRESSED || row->site->frame == 0)
		return false;
	if (settings->site == NULL)
		return CLASSES_SUSPECT & CLASS_BIT(row->site->class);
	snprintf(id, sizeof(id), "%016" PRIx64, row->site->fingerprint);
	return strncmp(id, settings->site, strlen(settings->site)) == 0;
}

/* An entry, and the sites that it was made for: several may have the same one. */
struct draft {
	char *text;
	const struct site *first;
	size_t sites;
};

struct drafts {
	struct draft *items;
	size_t count, capacity;
};

/* Takes over the text. */
static void add_draft(struct drafts *drafts, char *text, const struct site *site)
{
	for (size_t i = 0; i < drafts->count; i++)
		if (strcmp(drafts->items[i].text, text) == 0) {
			drafts->items[i].sites += suppress_site_counts(site);
			free(text);
			return;
		}
	drafts->items = memory_grow(
		drafts->items, &drafts->capacity, drafts->count + 1, sizeof(*drafts->items));
	drafts->items[drafts->count++] = (struct draft){text, site, suppress_site_counts(site)};
}

/* What the entries hide, by their order; nothing, where they are too many to try. */
static void measure_drafts(
	struct suppressions *set, const struct drafts *drafts, const struct model *model)
{
	struct error error;
	char *text = NULL;
	size_t size;

	if (drafts->count == 0 || drafts->count > TRIED_MAX / (model->site_count + 1))
		return;
	FILE *out = open_memstream(&text, &size);
	for (size_t i = 0; out && i < drafts->count; i++)
		fputs(drafts->items[i].text, out);
	if (out && fclose(out) == 0 && suppress_parse(set, "", text, size, &error) == 0 &&
		set->count == drafts->count)
		suppress_measure(set, model);
	free(text);
}

/* LeakSanitizer's format has only one frame to go by: "leak:^main$" is every stack's. */
static void warn_of_others(const struct suppression *entry, const struct draft *draft)
{
	size_t others = entry->own_sites > draft->sites ? entry->own_sites - draft->sites : 0;

	if (others)
		printf("# hides %zu other call %s, too; --format=valgrind tells stacks apart\n",
			others, text_plural(others, "site", "sites"));
}

static void write_drafts(
	const struct drafts *drafts, const struct model *model, const struct suppress_wish *wish)
{
	struct suppressions set;

	suppress_init(&set);
	if (!wish->valgrind)
		measure_drafts(&set, drafts, model);
	for (size_t i = 0; i < drafts->count; i++) {
		fputs(i ? "\n" : "", stdout);
		suppress_write_comments(model, drafts->items[i].first, wish, stdout);
		if (set.count == drafts->count)
			warn_of_others(&set.items[i], &drafts->items[i]);
		fputs(drafts->items[i].text, stdout);
	}
	suppress_free(&set);
}

static int generate_all(struct cmd_model *loaded, const struct settings *settings)
{
	const struct suppress_wish wish = {
		.valgrind =
			settings->entry_format && strcmp(settings->entry_format, "valgrind") == 0,
		.depth = settings->depth == UINT64_MAX ? DEFAULT_DEPTH : settings->depth,
		.reason = settings->reason,
		.until = settings->until};
	struct model *model = &loaded->model;
	struct drafts drafts = {0};

	aggregate_sites(model, SIZE_MAX);
	for (size_t i = 0; i < model->row_count; i++) {
		struct site *site = &model->sites[model->rows[i].site - model->sites];
		site->fingerprint = fingerprint_site(model, site, &site->place);
		if (!is_wanted(settings, &model->rows[i]))
			continue;
		char *entry = suppress_write_entry(model, site, &wish);
		if (entry)
			add_draft(&drafts, entry, site);
	}
	write_drafts(&drafts, model, &wish);
	size_t count = drafts.count;
	for (size_t i = 0; i < count; i++)
		free(drafts.items[i].text);
	free(drafts.items);
	if (count == 0 && settings->site) {
		command_complain("",
			"no site has that id; `leak report` shows the ids, and -v also those of "
			"what is suppressed already");
		return EXIT_USAGE;
	}
	return cmd_model_status(loaded);
}

static int generate(const struct settings *settings)
{
	const struct text_list images = operands_from(settings, 1);
	struct settings own;
	struct cmd_model loaded;
	int status;

	if (settings->until && !suppress_is_date(settings->until)) {
		command_complain("", "--until takes a date such as 2026-12-31");
		return EXIT_USAGE;
	}
	if (settings->depth == 0) {
		command_complain("", "--depth is at least 1");
		return EXIT_USAGE;
	}
	status = load(&loaded, settings, &own, &images, true);
	if (status == EXIT_OK)
		status = generate_all(&loaded, settings);
	cmd_model_free(&loaded);
	return status;
}

/* ---- lint, test ---- */

static int read_files(struct suppressions *set, const char *const *files, size_t count)
{
	struct error error;

	for (size_t i = 0; i < count; i++) {
		if (suppress_read(set, files[i], &error) == 0)
			continue;
		command_complain("", error.text);
		return EXIT_NOT_MEASURED;
	}
	return EXIT_OK;
}

static void say(const struct suppression *entry, const char *what, size_t *found)
{
	char *name = text_escape(entry->name), *file = text_escape(entry->file);

	printf("%s:%u: '%s' %s\n", file, entry->line, name, what);
	free(name);
	free(file);
	(*found)++;
}

static bool same_lines(const struct suppression *one, const struct suppression *other)
{
	if (one->line_count != other->line_count || one->kinds != other->kinds)
		return false;
	for (size_t i = 0; i < one->line_count; i++) {
		const struct suppression_line *a = &one->lines[i], *b = &other->lines[i];
		if (a->place != b->place || a->line != b->line ||
			(a->pattern && strcmp(a->pattern, b->pattern) != 0))
			return false;
	}
	return true;
}

/* The names of valgrind's entries are only names. */
static bool is_same(const struct suppression *one, const struct suppression *other)
{
	if (one->format != other->format)
		return false;
	return one->format == SUPPRESSION_LSAN ? strcmp(one->name, other->name) == 0
					       : same_lines(one, other);
}

static void lint_text(const struct suppressions *set, size_t *found)
{
	char what[600];

	for (size_t i = 0; i < set->warning_count; i++, (*found)++)
		printf("%s\n", set->warnings[i]);
	for (size_t i = 0; i < set->count; i++) {
		const struct suppression *entry = &set->items[i];
		if (suppression_is_expired(entry)) {
			snprintf(what, sizeof(what), "was meant to last until %s", entry->until);
			say(entry, what, found);
		}
		if (entry->kinds == 0)
			say(entry, "is for no kind of leak: it hides nothing", found);
		if (entry->format == SUPPRESSION_LSAN &&
			entry->name[strspn(entry->name, "*^$ \t")] == '\0')
			say(entry,
				suppress_lsan_match(entry->name, "any") ? "matches every stack"
									: "matches no stack",
				found);
		else if (entry->format == SUPPRESSION_LSAN && entry->name[0] == ' ')
			say(entry, "begins with a blank, which counts", found);
		for (size_t other = 0; other < i; other++) {
			if (!is_same(entry, &set->items[other]))
				continue;
			snprintf(what, sizeof(what), "is the same as that in %.300s:%u",
				set->items[other].file, set->items[other].line);
			say(entry, what, found);
			break;
		}
	}
}

/* "1,000 bytes in 10 blocks of 2 call sites" */
static const char *words_of(const struct amount *amount, size_t sites, char *room, size_t size)
{
	char small[3][TEXT_SMALL];

	snprintf(room, size, "%s in %s %s of %s call %s", text_bytes(small[0], amount->bytes),
		text_count(small[1], amount->blocks),
		text_plural(amount->blocks, "block", "blocks"), text_count(small[2], sites),
		text_plural(sites, "site", "sites"));
	return room;
}

static size_t count_sites(const struct model *model)
{
	size_t count = 0;

	for (size_t i = 0; i < model->site_count; i++)
		count += suppress_site_counts(&model->sites[i]);
	return count;
}

/* What the entries do to images. One that hides over half of many sites, or that matches by what a
 * system library is called, hides what nobody has seen yet. */
static void lint_effect(const struct suppressions *set, const struct model *model, size_t *found)
{
	size_t all = count_sites(model);
	char amount[200], what[400];

	for (size_t i = 0; i < set->count; i++) {
		const struct suppression *entry = &set->items[i];
		words_of(&entry->matched, entry->matched_sites, amount, sizeof(amount));
		if (entry->matched_sites == 0) {
			say(entry, "is not used: it hides nothing there", found);
		} else if (entry->foreign_sites) {
			snprintf(what, sizeof(what),
				"is too broad: it matches by a system library's path, and hides %s",
				amount);
			say(entry, what, found);
		} else if (all > 1 && entry->own_sites * 2 > all) {
			char small[2][TEXT_SMALL];
			snprintf(what, sizeof(what),
				"is too broad: it hides %s, %s of the %s call sites with "
				"losses of their own",
				amount, text_count(small[0], entry->own_sites),
				text_count(small[1], all));
			say(entry, what, found);
		}
	}
}

static void list_effect(const struct suppressions *set)
{
	printf("%12s  %10s  %6s  %s\n", "BYTES", "BLOCKS", "SITES", "SUPPRESSION");
	for (size_t i = 0; i < set->count; i++) {
		const struct suppression *entry = &set->items[i];
		char small[2][TEXT_SMALL], *name = text_escape(entry->name);
		char *file = text_escape(entry->file);
		printf("%12s  %10s  %6zu  %s  %s:%u\n",
			text_bytes_short(small[0], entry->matched.bytes),
			text_count(small[1], entry->matched.blocks), entry->matched_sites, name,
			file, entry->line);
		free(name);
		free(file);
	}
}

static int lint(const struct settings *settings)
{
	struct suppressions set;
	struct settings own;
	struct cmd_model loaded;
	size_t found = 0;
	int status = EXIT_OK;

	if (settings->operands.count < 2) {
		command_complain("", "leak suppress lint needs a file with suppressions");
		return EXIT_USAGE;
	}
	suppress_init(&set);
	status = read_files(&set, settings->operands.texts + 1, settings->operands.count - 1);
	if (status == EXIT_OK)
		lint_text(&set, &found);
	if (status == EXIT_OK && settings->against.count) {
		status = load(&loaded, settings, &own, &settings->against, false);
		if (status == EXIT_OK) {
			suppress_measure(&set, &loaded.model);
			lint_effect(&set, &loaded.model, &found);
			if (!settings->quiet)
				list_effect(&set);
			status = cmd_model_status(&loaded);
		}
		cmd_model_free(&loaded);
	}
	suppress_free(&set);
	return status != EXIT_OK ? status : found ? EXIT_FOUND : EXIT_OK;
}

/* Each site that something is hidden at, beneath what hides it. */
static void list_hidden(const struct suppressions *set, struct model *model)
{
	char amount[200], where[VERDICT_PLACE];

	for (size_t i = 0; i < set->count; i++) {
		const struct suppression *entry = &set->items[i];
		char *name = text_escape(entry->name), *file = text_escape(entry->file);
		printf("%s  %s:%u\n    hides %s\n", name, file, entry->line,
			words_of(&entry->hidden, entry->hidden_sites, amount, sizeof(amount)));
		free(name);
		free(file);
		for (size_t s = 0; s < model->site_count; s++) {
			struct site *site = &model->sites[s];
			if (site->suppressed_by != i + 1)
				continue;
			char small[2][TEXT_SMALL];
			suppress_write_place(model, site, where, sizeof(where));
			char *escaped = text_escape(where);
			printf("      %s in %s %s, %s, by %s in %s  id %08" PRIx64 "\n",
				text_bytes(small[0], site->live.bytes),
				text_count(small[1], site->live.blocks),
				text_plural(site->live.blocks, "block", "blocks"),
				model_class_words[site->class_without], site->allocator, escaped,
				fingerprint_site(model, site, &site->place) >> 32);
			free(escaped);
		}
	}
}

static int test(const struct settings *settings)
{
	const struct text_list images = operands_from(settings, 2);
	struct suppressions set;
	struct settings own;
	struct cmd_model loaded;
	int status;

	if (settings->operands.count < 3) {
		command_complain("",
			"leak suppress test needs a file with suppressions, and an image to try "
			"them on");
		return EXIT_USAGE;
	}
	suppress_init(&set);
	status = read_files(&set, settings->operands.texts + 1, 1);
	if (status == EXIT_OK) {
		status = load(&loaded, settings, &own, &images, false);
		if (status == EXIT_OK) {
			suppress_apply(&set, &loaded.model);
			list_hidden(&set, &loaded.model);
			status = cmd_model_status(&loaded);
		}
		cmd_model_free(&loaded);
	}
	suppress_free(&set);
	return status;
}

static int list(const struct settings *settings)
{
	if (settings->operands.count > 1) {
		command_complain("", "leak suppress list takes no operands");
		return EXIT_USAGE;
	}
	fputs(suppress_built_in, stdout);
	return EXIT_OK;
}

int cmd_suppress(struct settings *settings)
{
	static const struct {
		const char *name;
		int (*run)(const struct settings *settings);
	} verbs[] = {{"gen", generate}, {"lint", lint}, {"test", test}, {"list", list}};

	if (settings->debuginfod && settings->debuginfod[0])
		setenv("DEBUGINFOD_URLS", settings->debuginfod, 1);
	for (size_t i = 0; settings->operands.count && i < 4; i++)
		if (strcmp(settings->operands.texts[0], verbs[i].name) == 0)
			return verbs[i].run(settings);
	command_complain("", "leak suppress needs one of gen, lint, test and list; "
			     "`leak help suppress` explains them");
	return EXIT_USAGE;
}
