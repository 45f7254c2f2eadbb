/* A file that is there completely or not at all, and never takes the place of another. */
#ifndef LEAK_NEW_FILE_H
#define LEAK_NEW_FILE_H

#include "error.h"

struct new_file {
	int fd;
	char *temporary; /* where it is until it is complete */
};

/* Creates a file of mode 0600 aside, in the directory where `path` will be. Until new_file_keep or
 * new_file_drop it is removed also when SIGINT, SIGTERM or SIGHUP ends the program; one such file
 * at a time. SIGXFSZ is ignored from here on. Returns 0, or -1 with a sentence. */
int new_file_open(struct new_file *file, const char *path, struct error *error);

/* Closes the file and gives it the name `path`. Returns 0, 1 when there is something by that name,
 * or -1 with a sentence. Unless it is 0 the file is still aside: try another name, or drop it. */
int new_file_keep(struct new_file *file, const char *path, struct error *error);

/* Removes what is left aside, and releases `file`. */
void new_file_drop(struct new_file *file);

#endif
