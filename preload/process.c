/* The start of the process as the kernel described it, see process.h. */
#include <elf.h>
#include <link.h>

#include "preload/process.h"
#include "preload/sys.h"
#include "preload/text.h"

struct process process = {.page_bytes = IMAGE_PAGE};

#ifndef AT_MINSIGSTKSZ
#define AT_MINSIGSTKSZ 51
#endif

static char **environment;

/* Set by the loader before anything else runs; it points to argc. */
extern void *__libc_stack_end __attribute__((weak));

static void read_auxiliary(const ElfW(auxv_t) * aux, const char **ret_execfn)
{
	for (; aux->a_type != AT_NULL; aux++) {
		switch (aux->a_type) {
		case AT_SYSINFO_EHDR:
			process.vdso = (const void *)aux->a_un.a_val;
			break;
		case AT_PAGESZ:
			process.page_bytes = aux->a_un.a_val;
			break;
		case AT_MINSIGSTKSZ:
			process.signal_bytes = aux->a_un.a_val;
			break;
		case AT_BASE:
			process.loader = aux->a_un.a_val;
			break;
		case AT_PHDR:
			process.program_headers = aux->a_un.a_val;
			break;
		case AT_PHNUM:
			process.program_header_count = aux->a_un.a_val;
			break;
		case AT_RANDOM:
			__builtin_memcpy(&process.random, (const void *)aux->a_un.a_val, 8);
			break;
		case AT_SECURE:
			process.secure = aux->a_un.a_val != 0;
			break;
		case AT_EXECFN:
			*ret_execfn = (const char *)aux->a_un.a_val;
			break;
		}
	}
}

static void read_arguments(char **argv, long argc)
{
	struct text t = text_in(process.args, sizeof(process.args));

	for (long i = 0; i < argc && argv[i] && !t.cut; i++)
		text_add_bytes(&t, argv[i], text_length(argv[i]) + 1);
	process.args_bytes = (uint32_t)t.used;
	process.args_cut = t.cut;
}

static void read_options(void)
{
	struct text t = text_in(process.options, sizeof(process.options));
	const char *value = process_variable("LEAK_OPTIONS");

	text_add(&t, value ? value : "");
}

/* The program's path. Where the kernel started the loader, and that the program (`ld.so ./app`),
 * /proc/self/exe is the loader; it has no loader of its own then, and puts the program's name into
 * AT_EXECFN (glibc, elf/rtld.c). */
static void name_program(const char *execfn)
{
	struct text t = text_in(process.exe, sizeof(process.exe));
	long n = -1;

	if (process.loader || !execfn)
		n = sys_readlink("/proc/self/exe", process.exe, sizeof(process.exe) - 1);
	if (n > 0) {
		process.exe[n] = '\0';
		return;
	}
	if (!process.loader && execfn && execfn[0] != '/' && process.cwd[0]) {
		while (text_begins(execfn, "./"))
			execfn += 2;
		text_add(&t, process.cwd);
		text_add(&t, "/");
	}
	text_add(&t, execfn ? execfn : "?");
}

void process_read(void)
{
	const char *execfn = NULL;

	if (&__libc_stack_end && __libc_stack_end) {
		uintptr_t *at = __libc_stack_end;
		long argc = (long)at[0];
		char **argv = (char **)(at + 1), **end;

		process.stack_end = (uintptr_t)at;
		environment = argv + argc + 1;
		for (end = environment; *end; end++)
			;
		read_auxiliary((const ElfW(auxv_t) *)(end + 1), &execfn);
		read_arguments(argv, argc);
		read_options();
	}
	if (sys_failed(sys_getcwd(process.cwd, sizeof(process.cwd))) || process.cwd[0] != '/')
		process.cwd[0] = '\0';
	name_program(execfn);
	process.exe_name = process.exe;
	for (const char *c = process.exe; *c; c++) {
		if (*c == '/' && c[1])
			process.exe_name = c + 1;
	}
}

const char *process_variable(const char *name)
{
	size_t n = text_length(name);

	if (!environment)
		return NULL;
	for (char **e = environment; *e; e++) {
		if (text_begins(*e, name) && (*e)[n] == '=')
			return *e + n + 1;
	}
	return NULL;
}
