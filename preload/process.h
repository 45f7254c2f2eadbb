/*
 * What the kernel left on the stack at the start of the process: arguments, environment, auxiliary
 * vector. Read from there because libc's own variables are not set yet when the first event comes,
 * and read once: programs overwrite it later (to change their title).
 */
#ifndef LEAK_PROCESS_H
#define LEAK_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "preload/arch.h"
#include "preload/image_format.h"

#define PROCESS_PATH_MAX 4096 /* the kernel's PATH_MAX */
#define OPTION_STRING_MAX 4096

struct process {
	char args[IMAGE_ARGS_MAX]; /* each with its NUL */
	uint32_t args_bytes;
	bool args_cut;                   /* they did not all fit */
	char options[OPTION_STRING_MAX]; /* LEAK_OPTIONS for readers of the image, cut if longer */
	uintptr_t stack_end;             /* just above the main thread's frames */
	const void *vdso;
	uintptr_t page_bytes;      /* see process_page */
	uintptr_t signal_bytes;    /* what a signal takes of a stack at most; 0: not known */
	uint64_t random;           /* eight of the kernel's random bytes */
	uintptr_t loader;          /* where the dynamic loader is mapped */
	uintptr_t program_headers; /* the program's own, 0: not known */
	size_t program_header_count;
	bool secure;                /* AT_SECURE: setuid or with file capabilities */
	char exe[PROCESS_PATH_MAX]; /* absolute path of the program */
	const char *exe_name;       /* its last component */
	char cwd[PROCESS_PATH_MAX]; /* "": not known */
};

extern struct process process;

/* The size of a page: known beforehand where the machine has but one. */
static inline uintptr_t process_page(void)
{
	return ARCH_PAGE_MAX == IMAGE_PAGE ? IMAGE_PAGE : process.page_bytes;
}

/* Start-up only, once: the very first event of the program, not a forked child's. */
void process_read(void);

/* The value of a variable in the environment that the process started with, or NULL. Only until the
 * program runs: at start-up, after process_read. */
const char *process_variable(const char *name);

#endif
