/* A command under libleak.so, for the commands that run one. */
#ifndef LEAK_CMD_START_H
#define LEAK_CMD_START_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* The libleak.so to load, for the caller to free; NULL when there is none that LD_PRELOAD can take,
 * which is printed. */
char *cmd_start_library(void);

/*
 * Starts the command (NULL-terminated) with the library first in LD_PRELOAD, and from here on
 * passes on to it the signals that are sent to us. Returns its pid, and in `ret_since_ns` an
 * instant before it began (CLOCK_REALTIME); or -1 when it could not be started, which is printed,
 * and in `ret_status` the exit status that shells have for that.
 */
pid_t cmd_start(
	char *const *arguments, const char *library, uint64_t *ret_since_ns, int *ret_status);

/* Waits for its end. Returns the status as waitpid gives it. */
int cmd_start_wait(pid_t pid);

/* The same, and meanwhile buries every other child, as orphans are of a PR_SET_CHILD_SUBREAPER.
 * Each is told to `bury`, the command too, with its status. From here on signals that would end us
 * do not, also after the command's end. */
int cmd_start_wait_all(
	pid_t pid, void (*bury)(void *context, pid_t pid, int status), void *context);

/* The last signal that came since this was asked before, sent to us or by the terminal; 0: none. */
int cmd_start_signal(void);

/* Says that there is no image of a command that was started, and, as far as can be seen, why.
 * `pattern` is the output= in force. Returns whether that is certain. */
bool cmd_start_unrecorded(const char *command, const char *library, const char *pattern);

#endif
