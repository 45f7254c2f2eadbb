/*
 * The image's file: its name from the output= pattern, its directories, its creation.
 */
#ifndef LEAK_OUTPUT_H
#define LEAK_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

#define OUTPUT_PATH_MAX 1024

/* Puts the values of %q{VARIABLE} and %h into the pattern of output=, while the environment is
 * still as the program got it. Start-up, once. */
void output_start(void);

/* Creates the image's file exclusively (0600, no symlink followed), has `use` use it, and closes
 * it. `use` gets a descriptor above the standard three; it returns 0, or -errno for why this file
 * will not do: then the file is removed, and another place is tried. The name is stored in ret_path
 * (absolute), an empty one when no place would do; the result says so, too. `complain` allows one
 * sentence on stderr when the name asked for could not be had. */
bool output_create(char ret_path[OUTPUT_PATH_MAX], bool complain, long (*use)(int fd));

#endif
