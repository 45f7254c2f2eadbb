/* Images to a refined model, for every command that judges what was recorded. */
#ifndef LEAK_CMD_MODEL_H
#define LEAK_CMD_MODEL_H

#include "image_list.h"
#include "model.h"
#include "options.h"
#include "progress.h"
#include "suppress.h"
#include "symbolize.h"

struct cmd_model {
	const struct settings *settings;
	struct image_list list;
	bool *readable; /* of each image in the list: whether it is in the model */
	size_t failed;  /* images that could not be read, or not completely */
	struct model model;
	struct symbol_search search;
	struct symbolizer *symbolizer; /* NULL with --no-symbolize */
	struct suppressions suppressions;
	bool hidden; /* they are applied */
	struct progress progress;
};

/* What the model is to be refined for. */
struct cmd_view {
	const char *group;       /* as in struct selection; "site": each by itself */
	unsigned kinds;          /* CLASS_BIT of the sites that get a row */
	bool leave_out_replaced; /* as in struct selection */
	size_t top;              /* rows shown of each section; SIZE_MAX: all */
	bool all_sites;          /* all are named, merged and fingerprinted, shown or not */
};

/* Whether --sysroot and --symbols name directories. What is wrong is printed. Returns EXIT_OK or
 * EXIT_USAGE. */
int cmd_model_check_search(const struct settings *settings);

/* Where the options say that names are looked for; the directories should have been checked.
 * Release with cmd_model_search_free. */
void cmd_model_search(struct symbol_search *search, const struct settings *settings);
void cmd_model_search_free(struct symbol_search *search);

/* Loads the images that the operands in `settings`, which must outlive it, name, and reads the
 * suppressions for them. What is wrong is printed. Returns EXIT_OK, or the exit status to end with
 * when there is nothing to go on with: wrong usage, or not one image that could be read. Release
 * with cmd_model_free in every case. */
int cmd_model_load(struct cmd_model *loaded, const struct settings *settings);

/* The same, and sites get the linker's names, too. `suppress`: read suppressions; who has others
 * gives them to cmd_model_hide. */
int cmd_model_load_named(struct cmd_model *loaded, const struct settings *settings, bool suppress);

/* The same without any image, for a run that left none. */
void cmd_model_load_none(struct cmd_model *loaded, const struct settings *settings);

/* Names the sites that the set may hide, with `merge` all, and merges equal ones; hides what the
 * set matches. Once. */
void cmd_model_hide(struct cmd_model *loaded, bool merge, struct suppressions *set);

/* From loaded to ranked, named, merged, selected (--filter, too) and judged. The sites of shown
 * rows have fingerprints at least. */
void cmd_model_refine(struct cmd_model *loaded, const struct cmd_view *view);

/* How a command ends that did its work: EXIT_NOT_MEASURED where some image was left out. */
int cmd_model_status(const struct cmd_model *loaded);

void cmd_model_free(struct cmd_model *loaded);

#endif
