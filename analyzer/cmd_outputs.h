/* Files written beside a command's own report: those that CI systems read, --sarif=FILE and so on,
 * and profiles, --pprof=FILE. */
#ifndef LEAK_CMD_OUTPUTS_H
#define LEAK_CMD_OUTPUTS_H

#include "cmd_model.h"
#include "image_list.h"
#include "options.h"

/* Whether any of those for CI was asked for. */
bool cmd_outputs_wanted(const struct settings *settings);

/* Whether none of them would replace an image that is read, or another of them, and the source root
 * is there. Else says so and returns EXIT_USAGE. */
int cmd_outputs_check(const struct settings *settings, const struct image_list *list);

/* Whether all of them, and --output, can be made where they are to be, as far as that is known
 * before they are. For a command that runs something first. Else says so and returns
 * EXIT_NOT_MEASURED. */
int cmd_outputs_can_be_made(const struct settings *settings);

/* What the model has to be refined for before cmd_outputs_write: each site for itself, the kinds
 * that count or those of --kinds. */
struct cmd_view cmd_outputs_view(const struct settings *settings);

/* Writes each file for CI that was asked for from the model's rows. A file is there completely or
 * as it was. What is wrong is printed; returns EXIT_OK or EXIT_NOT_MEASURED. */
int cmd_outputs_write(const struct model *model, const struct settings *settings);

/* The same of profiles, which are of all call sites and all kinds, or those of --kinds: if there
 * are any, the model's rows are others afterwards. */
int cmd_outputs_write_profiles(struct cmd_model *loaded);

/* --source-root, or the top of the git tree that the working directory is in, or the working
 * directory; without symbolic links. For the caller to free; NULL: it cannot be found out. */
char *cmd_source_root(const struct settings *settings);

#endif
