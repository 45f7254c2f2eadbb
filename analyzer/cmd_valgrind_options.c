/*
 * Reads valgrind's options. Called by cmd_valgrind.c. Defaults and meanings are those of valgrind
 * 3.19. What is about other tools or errors than leaks is accepted and means nothing. Options that
 * are not on the command line itself come from cmd_valgrind_line.c.
 */
#include "cmd_valgrind_options.h"

#include "memory.h"
#include "model.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define CALLERS_DEFAULT 12
#define CALLERS_MAX 500
#define KINDS_DEFAULT (CLASS_BIT(CLASS_DEFINITE) | CLASS_BIT(CLASS_POSSIBLE))
#define KINDS_ALL                                                                                  \
	(KINDS_DEFAULT | CLASS_BIT(CLASS_INDIRECT) | CLASS_BIT(CLASS_REACHABLE) |                  \
		CLASS_BIT(CLASS_UNKNOWN))

typedef int option_reader(
	struct valgrind_settings *settings, const char *name, const char *value, struct error *);

static int refuse(const char *name, const char *value, struct error *error)
{
	return error_set(error, "bad value '%s' for %s", value, name);
}

static int read_number(
	const char *name, const char *value, long least, long most, int *ret, struct error *error)
{
	char *end;

	errno = 0;
	long number = strtol(value, &end, 10);
	if (errno || end == value || *end || number < least || number > most)
		return refuse(name, value, error);
	*ret = (int)number;
	return 0;
}

static int read_yes(const char *name, const char *value, bool *ret, struct error *error)
{
	*ret = strcmp(value, "yes") == 0;
	return *ret || strcmp(value, "no") == 0 ? 0 : refuse(name, value, error);
}

static int read_kinds(const char *name, const char *value, unsigned *ret, struct error *error)
{
	static const enum site_class classes[] = {
		CLASS_DEFINITE, CLASS_INDIRECT, CLASS_POSSIBLE, CLASS_REACHABLE};
	unsigned kinds = 0;

	if (strcmp(value, "all") == 0 || strcmp(value, "none") == 0) {
		*ret = value[0] == 'a' ? KINDS_ALL : 0;
		return 0;
	}
	for (const char *at = value;; at++) {
		size_t length = strcspn(at, ","), i = 0;
		while (i < 4 && (strlen(model_class_names[classes[i]]) != length ||
					strncmp(at, model_class_names[classes[i]], length) != 0))
			i++;
		if (i == 4)
			return refuse(name, value, error);
		kinds |= CLASS_BIT(classes[i]);
		at += length;
		if (*at == '\0')
			break;
	}
	*ret = kinds;
	return 0;
}

static int set_tool(struct valgrind_settings *settings, const char *name, const char *value,
	struct error *error)
{
	(void)name;
	(void)error;
	settings->tool = value;
	return 0;
}

static int set_leak_check(struct valgrind_settings *settings, const char *name, const char *value,
	struct error *error)
{
	settings->render.full = strcmp(value, "full") == 0 || strcmp(value, "yes") == 0;
	settings->render.sums = settings->render.full || strcmp(value, "summary") == 0;
	return settings->render.sums || strcmp(value, "no") == 0 ? 0 : refuse(name, value, error);
}

static int set_show_reachable(struct valgrind_settings *settings, const char *name,
	const char *value, struct error *error)
{
	bool yes;

	if (read_yes(name, value, &yes, error) < 0)
		return -1;
	settings->render.shown = yes ? KINDS_ALL : KINDS_DEFAULT;
	return 0;
}

static int set_show_possible(struct valgrind_settings *settings, const char *name,
	const char *value, struct error *error)
{
	bool yes;

	if (read_yes(name, value, &yes, error) < 0)
		return -1;
	settings->render.shown = yes ? KINDS_DEFAULT : CLASS_BIT(CLASS_DEFINITE);
	return 0;
}

static int set_shown(struct valgrind_settings *settings, const char *name, const char *value,
	struct error *error)
{
	return read_kinds(name, value, &settings->render.shown, error);
}

static int set_errors(struct valgrind_settings *settings, const char *name, const char *value,
	struct error *error)
{
	return read_kinds(name, value, &settings->render.errors, error);
}

static int set_exitcode(struct valgrind_settings *settings, const char *name, const char *value,
	struct error *error)
{
	return read_number(name, value, 0, 255, &settings->error_exitcode, error);
}

static int set_callers(struct valgrind_settings *settings, const char *name, const char *value,
	struct error *error)
{
	int callers;

	if (read_number(name, value, 1, CALLERS_MAX, &callers, error) < 0)
		return -1;
	settings->render.callers = (unsigned)callers;
	return 0;
}

static int set_log_file(struct valgrind_settings *settings, const char *name, const char *value,
	struct error *error)
{
	(void)name;
	(void)error;
	settings->log = (struct valgrind_output){.file = value, .fd = -1};
	return 0;
}

static int set_log_fd(struct valgrind_settings *settings, const char *name, const char *value,
	struct error *error)
{
	settings->log = (struct valgrind_output){0};
	return read_number(name, value, 0, INT_MAX, &settings->log.fd, error);
}

static int set_log_socket(struct valgrind_settings *settings, const char *name, const char *value,
	struct error *error)
{
	(void)name;
	(void)error;
	settings->log = (struct valgrind_output){.socket = value, .fd = -1};
	return 0;
}

static int set_xml(struct valgrind_settings *settings, const char *name, const char *value,
	struct error *error)
{
	return read_yes(name, value, &settings->wants_xml, error);
}

static int set_xml_file(struct valgrind_settings *settings, const char *name, const char *value,
	struct error *error)
{
	(void)name;
	(void)error;
	settings->xml = (struct valgrind_output){.file = value, .fd = -1};
	return 0;
}

static int set_xml_fd(struct valgrind_settings *settings, const char *name, const char *value,
	struct error *error)
{
	settings->xml = (struct valgrind_output){0};
	return read_number(name, value, 0, INT_MAX, &settings->xml.fd, error);
}

static int set_xml_socket(struct valgrind_settings *settings, const char *name, const char *value,
	struct error *error)
{
	(void)name;
	(void)error;
	settings->xml = (struct valgrind_output){.socket = value, .fd = -1};
	return 0;
}

static int add_suppressions(struct valgrind_settings *settings, const char *name, const char *value,
	struct error *error)
{
	struct text_list *list = &settings->suppressions;

	(void)name;
	(void)error;
	list->texts = memory_resize(list->texts, list->count + 1, sizeof(*list->texts));
	list->texts[list->count++] = value;
	return 0;
}

static int set_generate(struct valgrind_settings *settings, const char *name, const char *value,
	struct error *error)
{
	settings->render.suppressions = strcmp(value, "no") != 0;
	return strcmp(value, "no") == 0 || strcmp(value, "yes") == 0 || strcmp(value, "all") == 0
		       ? 0
		       : refuse(name, value, error);
}

static int set_children(struct valgrind_settings *settings, const char *name, const char *value,
	struct error *error)
{
	return read_yes(name, value, &settings->trace_children, error);
}

static int set_freeres(struct valgrind_settings *settings, const char *name, const char *value,
	struct error *error)
{
	bool yes;

	if (read_yes(name, value, &yes, error) < 0)
		return -1;
	settings->keeps_libc = !yes;
	return 0;
}

/* Known, and without meaning for leaks. */
static int skip(struct valgrind_settings *settings, const char *name, const char *value,
	struct error *error)
{
	(void)settings;
	(void)name;
	(void)value;
	(void)error;
	return 0;
}

/* clang-format off */
static const struct valgrind_option {
	const char *name;
	option_reader *read;
} options[] = {
	{"--tool",                   set_tool},
	{"--leak-check",             set_leak_check},
	{"--show-reachable",         set_show_reachable},
	{"--show-possibly-lost",     set_show_possible},
	{"--show-leak-kinds",        set_shown},
	{"--errors-for-leak-kinds",  set_errors},
	{"--error-exitcode",         set_exitcode},
	{"--num-callers",            set_callers},
	{"--log-file",               set_log_file},
	{"--log-fd",                 set_log_fd},
	{"--log-socket",             set_log_socket},
	{"--xml",                    set_xml},
	{"--xml-file",               set_xml_file},
	{"--xml-fd",                 set_xml_fd},
	{"--xml-socket",             set_xml_socket},
	{"--suppressions",           add_suppressions},
	{"--gen-suppressions",       set_generate},
	{"--trace-children",         set_children},
	{"--command-line-only",      skip},
	{"--default-suppressions",   skip},
	{"--child-silent-after-fork", skip},
	{"--track-origins",          skip},
	{"--xml-user-comment",       skip},
	{"--leak-resolution",        skip},
	{"--undef-value-errors",     skip},
	{"--read-var-info",          skip},
	{"--read-inline-info",       skip},
	{"--keep-debuginfo",         skip},
	{"--track-fds",              skip},
	{"--time-stamp",             skip},
	{"--demangle",               skip},
	{"--error-limit",            skip},
	{"--fair-sched",             skip},
	{"--vgdb",                   skip},
	{"--vgdb-error",             skip},
	{"--smc-check",              skip},
	{"--freelist-vol",           skip},
	{"--run-libc-freeres",       set_freeres},
	{"--run-cxx-freeres",        skip},
	{"--malloc-fill",            skip},
	{"--free-fill",              skip},
};
/* clang-format on */

#define OPTIONS (sizeof(options) / sizeof(options[0]))

static void ignore(struct valgrind_settings *settings, const char *argument)
{
	struct text_list *list = &settings->ignored;

	list->texts = memory_resize(list->texts, list->count + 1, sizeof(*list->texts));
	list->texts[list->count++] = argument;
}

static int parse_long(struct valgrind_settings *settings, const char *argument, struct error *error)
{
	static const char ours[] = "memcheck:";
	const char *name = argument + strlen("--");

	/* "--TOOL:NAME=VALUE" is for that tool only. */
	if (name[strcspn(name, ":=")] == ':') {
		if (strncmp(name, ours, strlen(ours)) != 0)
			return 0;
		name += strlen(ours);
	}
	const char *equals = strchr(name, '=');
	size_t length = equals ? (size_t)(equals - name) : strlen(name);
	for (size_t i = 0; i < OPTIONS; i++) {
		if (strlen(options[i].name + 2) != length ||
			strncmp(options[i].name + 2, name, length) != 0)
			continue;
		if (equals == NULL)
			return error_set(error, "%s needs a value: %s=...", argument, argument);
		return options[i].read(settings, options[i].name, equals + 1, error);
	}
	ignore(settings, argument);
	return 0;
}

static int parse(struct valgrind_settings *settings, const char *argument, struct error *error)
{
	if (strcmp(argument, "-q") == 0 || strcmp(argument, "--quiet") == 0)
		settings->render.quiet = true;
	else if (strcmp(argument, "--version") == 0)
		settings->version = true;
	else if (strcmp(argument, "-h") == 0 || strcmp(argument, "--help") == 0)
		settings->help = true;
	else if (strncmp(argument, "--", 2) == 0 && strcmp(argument, "--verbose") != 0)
		return parse_long(settings, argument, error);
	else if (argument[strspn(argument, "-vsd")] && strcmp(argument, "--verbose") != 0)
		ignore(settings, argument);
	return 0;
}

int valgrind_settings_parse(
	struct valgrind_settings *settings, char **arguments, struct error *error)
{
	*settings = (struct valgrind_settings){.render = {.sums = true,
						       .shown = KINDS_DEFAULT,
						       .errors = KINDS_DEFAULT,
						       .callers = CALLERS_DEFAULT},
		.tool = "memcheck",
		.log = {.fd = 2},
		.xml = {.fd = -1}};
	for (; *arguments && (*arguments)[0] == '-'; arguments++) {
		if (strcmp(*arguments, "--") == 0) {
			arguments++;
			break;
		}
		if (parse(settings, *arguments, error) < 0)
			return -1;
	}
	settings->command = arguments;
	if (strcmp(settings->tool, "memcheck") != 0)
		return error_set(error,
			"there is no tool '%s' here, only memcheck's search for leaks",
			settings->tool);
	if (settings->wants_xml) /* as in valgrind, whatever --leak-check says */
		settings->render.full = settings->render.sums = true;
	if (settings->wants_xml && !settings->xml.file && !settings->xml.socket &&
		settings->xml.fd < 0)
		return error_set(error,
			"--xml=yes needs --xml-file=FILE, --xml-fd=N or --xml-socket=HOST:PORT");
	return 0;
}

void valgrind_settings_free(struct valgrind_settings *settings)
{
	free(settings->suppressions.texts);
	free(settings->ignored.texts);
}
