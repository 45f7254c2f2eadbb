/* The suppressions that hold for the processes of a model, wherever they are written down. */
#ifndef LEAK_CMD_SUPPRESSIONS_H
#define LEAK_CMD_SUPPRESSIONS_H

#include "options.h"
#include "suppress.h"

/* Reads the suppressions for the processes of a model: those of --suppressions, of the program's
 * options and its own ones, of the known places, and the built-in ones. What is odd in them is said
 * on stderr, and with --verbose what was read. Returns 0, or -1 when one of them is wrong, which
 * was said, too. */
int cmd_suppressions_read(
	struct suppressions *set, const struct settings *settings, const struct model *model);

/* Whether the files of --suppressions can be read, before anything else is done. Returns 0, or -1
 * when one of them is wrong, which was said. */
int cmd_suppressions_check(const struct settings *settings);

/* Whether entries go by names that only the linker knows: then set linker_names of the search
 * before a symbolizer is made. */
bool cmd_suppressions_need_linker_names(const struct suppressions *set);

#endif
