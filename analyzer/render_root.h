/* Which paths are below the root of the sources. */
#ifndef LEAK_RENDER_ROOT_H
#define LEAK_RENDER_ROOT_H

#include <stdbool.h>

/* Makes an absolute path relative to the root and returns true, or leaves it and returns false.
 * Both are without "." and "..", and the root is without symbolic links. */
bool render_root_strip(char *path, const char *root);

/* The same of a source file that was compiled by a path with symbolic links in it, with another
 * text in the place of `*path`, which is on the heap. */
bool render_root_strip_linked(char **path, const char *root);

#endif
