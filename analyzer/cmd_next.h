/* The command that is suggested to type next. */
#ifndef LEAK_CMD_NEXT_H
#define LEAK_CMD_NEXT_H

#include "image_list.h"
#include "options.h"

/* "leak report INPUTS OPTIONS" as a shell takes it: the inputs as they were given, of which at
 * least one image could be read (`readable`, by number in `list`), and the given options that
 * choose what is reported. NULL when that would be longer than a reader wants. The caller frees
 * it. */
char *cmd_next(
	const struct settings *settings, const struct image_list *list, const bool *readable);

/* The same for one input. */
char *cmd_next_report(const char *input);

#endif
