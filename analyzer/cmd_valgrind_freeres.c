/*
 * Valgrind calls __libc_freeres when the program has ended: buffers of stdio, the environment,
 * locales, time zones, cached stacks of threads. We look at the program as it is, so these blocks
 * are told by the function of libc that allocated them, by its name. Called by cmd_valgrind.c. It
 * is a guess: of a thread that still runs at the end valgrind would show the
 * block as possibly lost.
 */
#define _GNU_SOURCE
#include "cmd_valgrind_freeres.h"

#include "memory.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

static bool is_libc(const struct module *module)
{
	return strncmp(module->name, "libc.so", 7) == 0 ||
	       strncmp(module->name, "libc-2", 6) == 0 ||
	       strncmp(module->name, "libpthread", 10) == 0 ||
	       strncmp(module->name, "ld-linux", 8) == 0;
}

/* Functions that never give the program a block of its own, but allocate for libc. */
static bool is_for_libc(const char *name)
{
	/* clang-format off */
	static const char names[] =
		" printf fprintf vprintf vfprintf dprintf printf_chk fprintf_chk "
		"vprintf_chk vfprintf_chk puts putchar putc fputc fputs fwrite "
		"perror getc fgetc getchar fgets fread scanf fscanf isoc99_scanf "
		"isoc99_fscanf isoc23_scanf isoc23_fscanf ungetc fflush fseek ftell "
		"rewind setenv putenv unsetenv add_to_environ setlocale localtime "
		"localtime_r gmtime mktime timelocal tzset tz_convert "
		"tzset_internal strftime ctime ctime_r getpwnam getpwuid getgrnam "
		"getgrgid getpwnam_r getpwuid_r getgrnam_r getgrgid_r gethostbyname "
		"gethostbyaddr getservbyname getservbyport getprotobyname atexit "
		"new_exitfn cxa_atexit on_exit at_quick_exit cxa_at_quick_exit "
		"cxa_thread_atexit_impl pthread_create pthread_create_2_1 "
		"dl_allocate_tls pthread_atfork register_atfork bindtextdomain "
		"textdomain gettext dgettext dcgettext dcigettext ngettext syslog "
		"openlog wprintf fwprintf putwc fputwc fputws getwc fgetwc fgetws "
		"dl_find_object_update dl_map_object_deps "
		"dlerror dl_exception_create dl_exception_create_format res_init res_ninit resolv_conf_attach "
		"mbstowcs mbsrtowcs mbsnrtowcs mbrtowc mbtowc wcstombs wcsrtombs "
		"wcsnrtombs wcrtomb wctomb btowc wctob wcsmbs_load_conv "
		"bind_textdomain_codeset nl_find_locale gconv_find_shlib nss_module_allocate "
		"nss_database_check_reload_and_get nss_database_state_get check_pf "
		"resolv_conf_get_current libc_dlopen_mode ";
	/* clang-format on */
	char *word = memory_join(" ", name, " ");
	bool found = strstr(names, word) != NULL;

	free(word);
	return found;
}

/* "puts" for "__GI__IO_puts@@GLIBC_2.2.5", for the caller to free. */
static char *plain_name(const char *function)
{
	static const char *const prefixes[] = {"__GI_", "_IO_", "___", "__", "_"};
	char *name;

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (strncmp(function, prefixes[i], strlen(prefixes[i])) == 0)
			function += strlen(prefixes[i]);
	name = memory_copy(function);
	name[strcspn(name, "@")] = '\0';
	return name;
}

/* `innermost`: it is the allocator's caller. The one that keeps errors of dlopen calls that, too,
 * whose blocks are the library's. */
static bool has_name_of_libc(const struct symbol *symbol, bool innermost)
{
	for (size_t i = 0; symbol && i < symbol->count; i++) {
		const char *function = symbol->locations[i].function;
		char *name = plain_name(function ? function : "");
		bool is = name[0] && (is_for_libc(name) || strcmp(name, "file_doallocate") == 0 ||
					     (innermost && strcmp(name, "dlerror_run") == 0));
		free(name);
		if (is)
			return true;
	}
	return false;
}

/* Whether libc allocated it for itself: by the innermost frames that are libc's. */
static bool is_of_libc(const struct model *model, const struct site *site)
{
	for (uint32_t number = site->frame; number; number = model->frames[number].parent) {
		const struct frame *frame = &model->frames[number];
		if (!is_libc(&model->modules[frame->module]))
			break;
		if (has_name_of_libc(frame->symbol, number == site->frame))
			return true;
	}
	return false;
}

/* The pool that libstdc++ makes when it is loaded, for exceptions that find no memory: valgrind has
 * it free that, too (__gnu_cxx::__freeres). */
static bool is_of_libstdcxx(const struct model *model, const struct site *site)
{
	const struct frame *frame = &model->frames[site->frame];

	if (strncmp(model->modules[frame->module].name, "libstdc++.so", 12) != 0)
		return false;
	frame = &model->frames[frame->parent];
	return strncmp(model->modules[frame->module].name, "ld-linux", 8) == 0;
}

static bool may_be_freed(const struct site *site)
{
	return site->kind == KIND_HEAP && site->live.blocks &&
	       (site->class == CLASS_REACHABLE || site->class == CLASS_POSSIBLE);
}

static void take_blocks(struct site *site)
{
	site->live = (struct amount){0};
	site->share_count = 0;
	site->interval_count = 0;
}

void valgrind_freeres(struct model *model)
{
	struct process *process = &model->processes[0];

	for (size_t i = 0; i < model->site_count; i++) {
		struct site *site = &model->sites[i];
		if (!may_be_freed(site) ||
			!(is_of_libc(model, site) || is_of_libstdcxx(model, site)))
			continue;
		if (site->live.bytes <= process->live.bytes &&
			site->live.blocks <= process->live.blocks) {
			process->live.bytes -= site->live.bytes;
			process->live.blocks -= site->live.blocks;
			process->frees += site->live.blocks;
		}
		take_blocks(site);
	}
}
