/*
 * What the kernel left on the stack at the start of the process: arguments, environment, auxiliary
 * vector. Read from there because libc's own variables are not set yet when the first event comes.
 */
#ifndef LEAK_PROCESS_H
#define LEAK_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct process {
	long argc;
	char **argv;
	char **envp;
	uintptr_t stack_end; /* just above the main thread's frames */
	const void *vdso;
	uintptr_t loader; /* where the dynamic loader is mapped */
	bool secure; /* AT_SECURE: setuid or with file capabilities */
	char exe[512];      /* absolute path of the program */
	const char *exe_name; /* its last component */
	char cwd[512];
};

extern struct process process;

/* Start-up only, once. */
void process_read(void);

/* The value of a variable in the environment that the process started with, or NULL. */
const char *process_variable(const char *name);

#endif
