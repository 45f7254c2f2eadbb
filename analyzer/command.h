/* The commands of `leak`: one row each in main.c's table, one cmd_*.c each. */
#ifndef LEAK_COMMAND_H
#define LEAK_COMMAND_H

#include "options.h"

/* Each takes the parsed settings and returns the exit status (enum exit_code, or, for cmd_run, the
 * program's own). */
int cmd_report(struct settings *settings);
int cmd_baseline(struct settings *settings);
int cmd_show(struct settings *settings);
int cmd_who_points(struct settings *settings); /* leak show --who-points */
int cmd_top(struct settings *settings);
int cmd_check(struct settings *settings);
int cmd_ci(struct settings *settings);
int cmd_doctor(struct settings *settings);
int cmd_diff(struct settings *settings);
int cmd_snap(struct settings *settings);
int cmd_run(struct settings *settings);
int cmd_suppress(struct settings *settings);

/* leak-valgrind, which has a command line of its own: all arguments, NULL-terminated. */
int cmd_valgrind(char **arguments);

#define TOP_FOR_PEOPLE 10 /* rows, where nobody said how many */

/* Prints `leak: SUBJECT: reason` (or `leak: reason` when subject is empty) on stderr. */
void command_complain(const char *subject, const char *reason);

/* Whether to write colours to `fd`: --color, then NO_COLOR, then whether it is a terminal. */
bool command_color(const struct settings *settings, int fd);

#endif
