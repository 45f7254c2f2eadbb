/*
 * Which file systems an image may lie on.
 */
#ifndef LEAK_FILE_SYSTEM_H
#define LEAK_FILE_SYSTEM_H

#include <stdbool.h>

/* Can a page of this new, empty file be stored into at any time, once it has storage? Not where a
 * file system writes each page to a new place: that takes new storage each time that the page was
 * written out, and on a full disk the store is a SIGBUS. */
bool file_system_keeps_storage(int fd);

#endif
