/*
 * `leak`: finds the command in a table and hands over. Global options may stand before or after
 * the command. By the name of leak-valgrind it is one command with the options of another tool.
 * Only this file and the cmd_*.c print errors.
 */
#include "command.h"

#include "render.h"
#include "text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct command {
	const char *name;
	const char *usage; /* after "leak NAME" */
	const char *help;  /* one line */
	unsigned bit;      /* FOR_* */
	bool stop_at_operand;
	int (*run)(struct settings *settings);
};

static const struct command commands[] = {
	{"report", "[IMAGE|DIR|PID|CORE...] [OPTIONS]",
		"call sites of what was not freed, worst first", FOR_REPORT, false, cmd_report},
	{"diff", "OLD NEW [OPTIONS]", "call sites that hold more, or less, than before", FOR_DIFF,
		false, cmd_diff},
	{"baseline", "save|show|prune [IMAGE...]", "keep a list of known leaks", FOR_BASELINE,
		false, cmd_baseline},
	{"show", "[IMAGE|DIR|PID|CORE...] [OPTIONS]", "what an image holds, section by section",
		FOR_SHOW, false, cmd_show},
	{"top", "PID|IMAGE [OPTIONS]", "call sites that grow, refreshed while the process runs",
		FOR_TOP, false, cmd_top},
	{"snap", "PID|IMAGE [-o FILE]", "copy a running process's image, to report on later",
		FOR_SNAP, false, cmd_snap},
	{"check", "[IMAGE|DIR...] [OPTIONS]", "fail when there are leaks, or more than allowed",
		FOR_CHECK, false, cmd_check},
	{"ci", "[OPTIONS] -- CMD [ARGS...]", "run a test suite, fail when its processes leak",
		FOR_CI, true, cmd_ci},
	{"suppress", "gen|lint|test|list ...", "make, check and try what reports are to leave out",
		FOR_SUPPRESS, false, cmd_suppress},
	{"doctor", "[CMD [ARGS...]]", "can CMD be measured here, and what to do if not", FOR_DOCTOR,
		true, cmd_doctor},
	{"run", "[-o FILE] [--] CMD [ARGS...]", "run CMD under libleak.so, exit as it does",
		FOR_RUN, true, cmd_run},
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

void command_complain(const char *subject, const char *reason)
{
	char *escaped_subject = text_escape(subject), *escaped_reason = text_escape(reason);

	fprintf(stderr, "leak: %s%s%s\n", escaped_subject, escaped_subject[0] ? ": " : "",
		escaped_reason);
	free(escaped_subject);
	free(escaped_reason);
}

bool command_color(const struct settings *settings, int fd)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	if (strcmp(settings->color, "auto") != 0)
		return strcmp(settings->color, "always") == 0;
	if (no_color && no_color[0])
		return false;
	return isatty(fd) && !(term && strcmp(term, "dumb") == 0);
}

static void help(FILE *out)
{
	fputs("leak - find memory that a program did not free, without rebuilding it\n\n"
	      "usage: leak [OPTIONS] COMMAND [ARGS]\n"
	      "       LD_PRELOAD=libleak.so ./app    records without leak; then: leak report\n\n"
	      "commands:\n",
		out);
	for (size_t i = 0; i < COMMANDS; i++)
		fprintf(out, "  %-8s %-34s %s\n", commands[i].name, commands[i].usage,
			commands[i].help);
	fputs("  help     [COMMAND]                          this text, or a command's options\n",
		out);
	options_help(out, "\noptions:\n", FOR_ALL);
	fputs("\nexit: 0 fine, 1 found something (suppress lint), 2 usage, 3 could not read or "
	      "measure,\n      23 over a limit (check, ci), otherwise the program's own (run, "
	      "ci)\n",
		out);
}

static void help_command(const struct command *command, FILE *out)
{
	fprintf(out, "usage: leak %s %s\n       %s\n", command->name, command->usage,
		command->help);
	options_help(out, "\noptions:\n", command->bit);
	options_help(out, "\noptions of every command:\n", FOR_ALL);
}

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < COMMANDS; i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

static int usage_error(const char *reason)
{
	command_complain("", reason);
	return EXIT_USAGE;
}

static int unknown_command(const char *name)
{
	struct error error;

	error_set(&error, "unknown command '%s'; `leak help` lists the commands", name);
	return usage_error(error.text);
}

static int finish_help(const struct command *command)
{
	if (command)
		help_command(command, stdout);
	else
		help(stdout);
	return EXIT_OK;
}

static int finish_version(void)
{
	puts("leak " LEAK_VERSION);
	return EXIT_OK;
}

static int run_command(
	struct settings *settings, const struct command *command, int count, char **arguments)
{
	struct error error;

	if (options_parse(
		    settings, count, arguments, command->bit, command->stop_at_operand, &error) < 0)
		return usage_error(error.text);
	if (settings->version)
		return finish_version();
	if (settings->help)
		return finish_help(command);
	return command->run(settings);
}

/* `leak help [COMMAND]`; of itself, and with an option, it says the same as without. */
static int help_on(const char *name)
{
	const struct command *command = name ? find_command(name) : NULL;

	if (name && command == NULL && name[0] != '-' && strcmp(name, "help") != 0)
		return unknown_command(name);
	return finish_help(command);
}

static int dispatch(struct settings *settings, int count, char **arguments)
{
	int leading = options_leading(count, arguments);
	const struct command *command = leading < count ? find_command(arguments[leading]) : NULL;
	struct error error;

	settings->command = command ? command->bit : 0;
	if (options_parse(settings, leading, arguments, FOR_ALL, false, &error) < 0)
		return usage_error(error.text);
	if (settings->version)
		return finish_version();
	arguments += leading;
	count -= leading;
	if (settings->help)
		return finish_help(count ? find_command(arguments[0]) : NULL);
	if (count == 0) {
		help(stderr);
		return EXIT_USAGE;
	}
	if (strcmp(arguments[0], "help") == 0)
		return help_on(count > 1 ? arguments[1] : NULL);
	if (command == NULL)
		return unknown_command(arguments[0]);
	return run_command(settings, command, count - 1, arguments + 1);
}

/* What stdout could not take is an error of its own: a full disk must not look like a report. A
 * stream whose buffer was lost in the midst of it knows no more why: it fails again, with a byte
 * more. */
static int finish_output(int status)
{
	errno = 0;
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	if (errno == 0 && putchar('\n') == '\n')
		fflush(stdout);
	if (errno != EPIPE)
		command_complain("standard output",
			errno ? strerror(errno) : "not everything could be written");
	return EXIT_NOT_MEASURED;
}

int main(int count, char **arguments)
{
	struct settings settings;

	if (count > 0 && strcmp(text_basename(arguments[0]), "leak-valgrind") == 0)
		return finish_output(cmd_valgrind(arguments));
	options_init(&settings);
	int status = finish_output(dispatch(&settings, count - 1, arguments + 1));
	options_free(&settings);
	return status;
}
