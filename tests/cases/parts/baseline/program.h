/* A program with 30 ways to lose memory, for baseline_*.sh. IS_NEW guards what was not there when
 * its baseline was made: ten more leaks, of 9001 to 9010 bytes, each chosen by an argument. */
#ifndef BASELINE_PROGRAM_H
#define BASELINE_PROGRAM_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Uses a block so that no compiler can do without it, and keeps no pointer to it. */
void drop(void *block);

#ifdef NEW_LEAKS
int is_new(int number);
#define IS_NEW(number) is_new(number)
#else
#define IS_NEW(number) 0
#endif

/* makers.c: another unit, so nothing of it is inlined. */
void *make_directly(size_t size);
void *make_by_two(size_t size);
void *make_counted(size_t size);

/* library.c */
void library_lose(int count);
void library_call_back(void (*call)(int), int value);

void lose_in_c(int count);
void lose_in_cxx(int count);

#ifdef __cplusplus
}
#endif

#endif
