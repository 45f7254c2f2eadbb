/*
 * Where the bytes of the image are: a named file that is mapped, or anonymous memory, or a file and
 * behind it a *tail* in anonymous memory, where the file could not grow any more.
 *
 * Made once per process. It grows in place and never moves. No descriptor is kept. What is opened
 * is backed by storage before it is used, so a full disk is an answer and not a SIGBUS.
 */
#ifndef LEAK_STORAGE_H
#define LEAK_STORAGE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "preload/image_format.h"

/* What storage.c, storage_end.c and storage_shrink.c share. */
struct storage {
	char *base;              /* the image's first byte */
	_Atomic uint64_t opened; /* [0, opened) is mapped and backed */
	uint64_t limit_bytes;    /* the most it may grow to */
	uint64_t file_bytes;     /* the file's length, most of it a hole */
	uint64_t memory_from;    /* where the tail begins; 0 when there is none */
	bool saved_before;       /* the tail was in the file already, and the process went on */
	bool in_file;            /* there is a file, and the image is a mapping of it */
};

extern struct storage storage;

/* Makes the storage, OPEN_FIRST bytes of zeros at first, and says in the header's fields what it
 * is. `complain` allows a sentence on stderr when the file asked for could not be had. NULL when
 * there is not even memory. Start-up, also in a forked child. */
struct image_header *storage_create(bool complain);

/* The file's absolute name; empty when there is none. */
const char *storage_path(void);

/* Makes [0, end) usable. False when there is no storage or no room. Any thread, also in a signal
 * handler; of several at once one works, the others wait for a bounded time. */
bool storage_reach(uint64_t end);

/* Growing the image, and cutting its file, is one thread's work at a time; others that need it
 * meanwhile wait, but not for ever. False when that was in vain. Its signals wait until it gives it
 * back: a handler may need more of the image, too, or jump away. */
bool storage_take(void);
void storage_give_back(void);

/* Gives the file another length. Only for who has taken the storage. */
bool storage_set_length(uint64_t bytes);

/* The file, opened again; -1 when its name does not lead to it any more, and where a
 * sandbox may kill for it. The caller closes it. ret_length gets its present length. */
int storage_reopen(uint64_t *ret_length);

/* Makes a file for the image and has `use` use it, see output_create; its name is storage_path's
 * from then on. False when no place would do. `use` calls storage_remember. */
bool storage_create_file(bool complain, long (*use)(int fd));
void storage_remember(int fd);

/* Removes the file's name, if it still leads to the file. False when it does not. */
bool storage_remove(void);

/* In a forked child: anonymous memory takes the place that the parent's image had before the fork,
 * [base, base + bytes), for an event that the forking signal handler interrupted. `begun`: the
 * child has an image of its own already, which is left alone. */
void storage_stand_in(char *base, uint64_t bytes, bool begun);

/* In a forked child: forget the parent's. */
void storage_forget(void);

/* ---- the end: storage_end.c. For who has taken the storage, or a crash handler ---- */

/* Writes to the file what is in memory only, as far as that is possible, and says in the header how
 * far it came. */
void storage_save(void);

/* Cuts the file to what is opened, so that nobody can store behind its end. `last`: the process
 * ends now, and the file becomes as small as what is live. */
void storage_cut(bool last);

/* After these, but not after `last`: the process goes on after all. */
void storage_revive(void);

/* Writes [from, end) of the image to the same place in the file; pages of zeros become holes when
 * the file is `fresh`. False when not all of it could be written. */
bool storage_write(int fd, uint64_t from, uint64_t end, bool fresh);

bool storage_page_is_empty(const char *page);

/* ---- storage_shrink.c ---- */

/* Puts a copy of the file, which has the image's `used` bytes, in its place, with holes where there
 * is nothing, if no other thread runs and it is worth it. What is stored afterwards is not in the
 * copy. */
bool storage_shrink(uint64_t used);

#endif
