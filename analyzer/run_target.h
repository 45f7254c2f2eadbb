/* What `leak run` must know about a command: where its file is, and whether LD_PRELOAD can work. */
#ifndef LEAK_RUN_TARGET_H
#define LEAK_RUN_TARGET_H

/* The file that a shell would start for `command`, found in PATH; NULL when there is none. The
 * caller frees it. */
char *run_target_find(const char *command);

/* Why a library cannot be preloaded into the program at `path` ("is statically linked…"), or NULL
 * when nothing speaks against it. For a script, its interpreter is looked at. */
const char *run_target_obstacle(const char *path);

/* Why the loader does not take the library at `path`, or NULL when nothing speaks against it. */
const char *run_target_library_obstacle(const char *path);

/* The absolute path of libleak.so: LEAK_LIBRARY, else next to this program or in the library
 * directories beside it; NULL with errno when it is nowhere. The caller frees it. */
char *run_target_library(void);

#endif
