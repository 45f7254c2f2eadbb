/*
 * Parses the command line by a table. Called by main.c and the commands. An option takes its
 * argument as --name=X, --name X, -nX or -n X; one with an optional argument only as --name=X.
 */
#include "options.h"

#include "aggregate.h"
#include "growth.h"
#include "memory.h"
#include "model.h"
#include "render.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum option_kind {
	OPTION_FLAG,     /* bool */
	OPTION_TEXT,     /* const char * */
	OPTION_OPTIONAL, /* const char *, "" without an argument */
	OPTION_CHOICE,   /* const char *, one of `argument` */
	OPTION_LIST,     /* struct text_list, may be given again */
	OPTION_COUNT,    /* uint64_t */
	OPTION_TIME,     /* struct time_span */
	OPTION_PERCENT,  /* uint64_t */
	OPTION_KINDS,    /* unsigned, CLASS_BIT of each */
};

struct option_row {
	const char *name;
	char letter;          /* 0: none */
	const char *argument; /* what it is called in the help; choices with '|' */
	unsigned commands;
	enum option_kind kind;
	bool again;   /* the commands that a report suggests next repeat it */
	size_t field; /* offset in struct settings */
	const char *help;
};

static const struct command_name {
	unsigned command;
	const char *name;
} command_names[] = {{FOR_REPORT, "report"}, {FOR_SHOW, "show"}, {FOR_RUN, "run"}, {FOR_TOP, "top"},
	{FOR_SNAP, "snap"}, {FOR_BASELINE, "baseline"}, {FOR_CHECK, "check"}, {FOR_CI, "ci"},
	{FOR_DOCTOR, "doctor"}, {FOR_SUPPRESS, "suppress"}, {FOR_DIFF, "diff"}};

#define FIELD(name) offsetof(struct settings, name)

/* clang-format off */
static const struct option_row rows[] = {
	{"quiet",         'q', NULL,   FOR_ALL,    OPTION_FLAG,     0, FIELD(quiet),        "say only what was asked for"},
	{"verbose",       'v', NULL,   FOR_ALL,    OPTION_FLAG,     0, FIELD(verbose),      "every frame and suppressed site, exact bytes"},
	{"color",         0,   "auto|always|never", FOR_ALL, OPTION_CHOICE, 0, FIELD(color), "colours; auto: on a terminal without NO_COLOR"},
	{"help",          'h', NULL,   FOR_ALL,    OPTION_FLAG,     0, FIELD(help),         "this text"},
	{"version",       'V', NULL,   FOR_ALL,    OPTION_FLAG,     0, FIELD(version),      "the version"},
	{"who-points",    0,   "SITE|ADDRESS", FOR_SHOW, OPTION_OPTIONAL, 0, FIELD(who_points), "through what blocks are still reachable: those of\na call site (its number here, or a function), of an\naddress, or of the largest call sites"},
	{"format",        'f', "text|json", FOR_DIFF, OPTION_CHOICE,  0, FIELD(format),       "how to write the comparison"},
	{"format",        'f', NULL,   FOR_REPORT, OPTION_CHOICE,   0, FIELD(format),       "how to write the report"},
	{"json",          0,   NULL,   FOR_REPORT | FOR_DIFF | FOR_GATE, OPTION_FLAG,     0, FIELD(json),         "the same as --format=json"},
	{"json",          0,   NULL,   FOR_SHOW,   OPTION_FLAG,     0, FIELD(json),         "--who-points: for machines"},
	{"output",        'o', "FILE", FOR_REPORT | FOR_DIFF | FOR_GATE, OPTION_TEXT, 0, FIELD(output), "write the report there"},
	{"fail-on",       0,   "LIMIT,...", FOR_GATE, OPTION_LIST,   0, FIELD(fail_on),      "new, any, increase:P%, bytes>N, blocks>N, slope>N\n(bytes a second), per-iter>N; site:LIMIT: of each\ncall site. Default: new with a baseline, else any"},
	{"exitcode",      0,   "N",    FOR_GATE,   OPTION_COUNT,    0, FIELD(exitcode),     "exit status when over a limit (23)"},
	{"strict",        0,   NULL,   FOR_GATE,   OPTION_FLAG,     0, FIELD(strict),       "exit with 3 if some process could not be judged"},
	{"all-programs",  0,   NULL,   FOR_GATE,   OPTION_FLAG,     0, FIELD(all_programs), "judge programs of the system, as shells, as well"},
	{"no-baseline",   0,   NULL,   FOR_GATE,   OPTION_FLAG,     0, FIELD(no_baseline),  "do not use .leak-baseline.jsonl that is here"},
	{"iterations",    0,   "N",    FOR_CI,     OPTION_COUNT,    0, FIELD(iterations),   "run the command N times, for per-iter"},
	{"iterations",    0,   "N",    FOR_CHECK,  OPTION_COUNT,    0, FIELD(iterations),   "how often the run repeated what it does"},
	{"images",        0,   "DIR",  FOR_CI,     OPTION_TEXT,     0, FIELD(images),       "keep the images there"},
	{"wait",          0,   "TIME", FOR_CI,     OPTION_TIME,     0, FIELD(wait),         "for processes that outlive the command (10s)"},
	{"output",        'o', "FILE", FOR_RUN,    OPTION_TEXT,     0, FIELD(output),       "the image's name: %e program, %p pid, ..."},
	{"output",        'o', "FILE", FOR_BASELINE, OPTION_TEXT,   0, FIELD(output),       "write the baseline there"},
	{"note",          0,   "TEXT", FOR_BASELINE, OPTION_TEXT,   0, FIELD(note),         "save: a word on entries that have none"},
	{"output",        'o', "FILE", FOR_SNAP,   OPTION_TEXT,     0, FIELD(output),       "the snapshot's name; nothing is ever replaced"},
	{"label",         0,   "TEXT", FOR_SNAP,   OPTION_TEXT,     0, FIELD(label),        "a word on the snapshot, at most 63 bytes"},
	{"no-check",      0,   NULL,   FOR_SNAP,   OPTION_FLAG,     0, FIELD(no_check),     "do not have the process find out what is lost"},
	{"interval",      0,   "TIME", FOR_TOP,    OPTION_TIME,     0, FIELD(interval),     "time between refreshes (2s), at least 100ms"},
	{"count",         0,   "N",    FOR_TOP,    OPTION_COUNT,    0, FIELD(count),        "end after N refreshes"},
	{"sort",          0,   GROWTH_SORTS, FOR_TOP, OPTION_CHOICE, 0, FIELD(sort),        "what comes first; growth: since leak top began"},
	{"top",           'n', "N",    FOR_TOP,    OPTION_COUNT,    0, FIELD(top),          "show at most N rows (what fits; 20 in a file)"},
	{"limit",         0,   "PERCENT", FOR_RUN, OPTION_PERCENT,  0, FIELD(limit),        "take a snapshot when so much of a limit on\nmemory is used: 90%"},
	{"group",         'g', AGGREGATE_GROUPS, FOR_REPORT, OPTION_CHOICE, 1, FIELD(group), "one row for each of these; a site used by several\nthreads is in one row that names them; mark: what\nwas allocated after each leak_mark()"},
	{"top",           'n', "N",    FOR_REPORT | FOR_DIFF, OPTION_COUNT,    0, FIELD(top),          "show the worst N rows (10; all if not in text)"},
	{"top",           'n', "N",    FOR_SHOW,   OPTION_COUNT,    0, FIELD(top),          "--who-points: of the largest N call sites (10)"},
	{"all",           'a', NULL,   FOR_REPORT | FOR_DIFF | FOR_GATE, OPTION_FLAG,     0, FIELD(all),          "show every row"},
	{"kinds",         0,   "KIND,...", FOR_REPORT | FOR_DIFF | FOR_BASELINE | FOR_GATE, OPTION_KINDS, 1, FIELD(kinds), "list blocks that are definite, indirect, possible,\nreachable, unknown; or all, or none"},
	{"baseline",      0,   "FILE", FOR_REPORT | FOR_BASELINE | FOR_GATE, OPTION_TEXT, 1, FIELD(baseline), "the list of known leaks to compare with, or to keep"},
	{"older",         0,   "TIME", FOR_REPORT | FOR_GATE, OPTION_TIME,     1, FIELD(older),        "only what is at least TIME old: 30s, 5m, 2h, 1d"},
	{"filter",        0,   "TEXT", FOR_REPORT | FOR_DIFF | FOR_TOP | FOR_GATE, OPTION_LIST,     1, FIELD(filters),      "only stacks with TEXT (case-sensitive) in a\nfunction, file or module"},
	{"suppressions",  0,   "FILE", FOR_REPORT | FOR_DIFF | FOR_BASELINE | FOR_GATE | FOR_SUPPRESS, OPTION_LIST, 1, FIELD(suppressions), "leave out what FILE names, in LeakSanitizer's or\nvalgrind's format"},
	{"no-default-suppressions", 0, NULL, FOR_REPORT | FOR_DIFF | FOR_BASELINE | FOR_GATE | FOR_SUPPRESS, OPTION_FLAG, 1, FIELD(no_default_suppressions), "without the built-in suppressions, .leak.supp\nand lsan.supp"},
	{"format",        'f', "lsan|valgrind", FOR_SUPPRESS, OPTION_CHOICE, 0, FIELD(entry_format), "gen: whose format to write; lsan"},
	{"site",          0,   "ID",   FOR_SUPPRESS, OPTION_TEXT,   0, FIELD(site),         "gen: only for the site with this id in the report"},
	{"depth",         0,   "N",    FOR_SUPPRESS, OPTION_COUNT,  0, FIELD(depth),        "gen: at most N lines of stack in an entry (4)"},
	{"reason",        0,   "TEXT", FOR_SUPPRESS, OPTION_TEXT,   0, FIELD(reason),       "gen: why, for the comment above each entry"},
	{"until",         0,   "DATE", FOR_SUPPRESS, OPTION_TEXT,   0, FIELD(until),        "gen: the last day of each entry: 2026-12-31"},
	{"against",       0,   "IMAGE", FOR_SUPPRESS, OPTION_LIST,  0, FIELD(against),      "lint: tell what the entries hide there"},
	{"sysroot",       0,   "DIR",  FOR_REPORT | FOR_DIFF | FOR_TOP | FOR_SHOW | FOR_BASELINE | FOR_SUPPRESS | FOR_GATE, OPTION_TEXT,     1, FIELD(sysroot),      "find modules below DIR"},
	{"symbols",       0,   "DIR",  FOR_REPORT | FOR_DIFF | FOR_TOP | FOR_SHOW | FOR_BASELINE | FOR_SUPPRESS | FOR_GATE, OPTION_LIST,     1, FIELD(symbols),      "look for modules and debug files in DIR, too"},
	{"debuginfod",    0,   "URL",  FOR_REPORT | FOR_DIFF | FOR_TOP | FOR_SHOW | FOR_BASELINE | FOR_SUPPRESS | FOR_GATE, OPTION_OPTIONAL, 1, FIELD(debuginfod),   "fetch debug files (default: DEBUGINFOD_URLS)"},
	{"source-root",   0,   "DIR",  FOR_REPORT | FOR_GATE, OPTION_TEXT,     0, FIELD(source_root),  "below DIR, sources have relative names in formats\nfor CI (default: the git tree, or here)"},
	{"html",          0,   "FILE", FOR_REPORT | FOR_GATE, OPTION_TEXT,     0, FIELD(html),         "write a page for a browser there, too"},
	{"sarif",         0,   "FILE", FOR_REPORT | FOR_GATE, OPTION_TEXT,     0, FIELD(sarif),        "write SARIF for code scanning there, too"},
	{"junit",         0,   "FILE", FOR_REPORT | FOR_GATE, OPTION_TEXT,     0, FIELD(junit),        "write JUnit XML there, too"},
	{"gitlab",        0,   "FILE", FOR_REPORT | FOR_GATE, OPTION_TEXT,     0, FIELD(gitlab),       "write GitLab's Code Quality report there, too"},
	{"markdown",      0,   "FILE", FOR_REPORT | FOR_GATE, OPTION_TEXT,     0, FIELD(markdown),     "write a summary in Markdown there, too"},
	{"xml",           0,   "FILE", FOR_REPORT | FOR_GATE, OPTION_TEXT,     0, FIELD(xml),          "write valgrind's XML there, too"},
	{"pprof",         0,   "FILE", FOR_REPORT | FOR_GATE, OPTION_TEXT,     0, FIELD(pprof),        "write a profile for pprof there, too"},
	{"no-symbolize",  0,   NULL,   FOR_REPORT | FOR_DIFF | FOR_TOP | FOR_SHOW, OPTION_FLAG,     1, FIELD(no_symbolize), "show modules and offsets only"},
};
/* clang-format on */

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static const char *row_argument(const struct option_row *row)
{
	return row->argument == NULL && strcmp(row->name, "format") == 0 ? render_names()
									 : row->argument;
}

void options_init(struct settings *settings)
{
	*settings = (struct settings){.color = "auto",
		.format = "text",
		.group = "site",
		.sort = "growth",
		.kinds = KINDS_NOT_GIVEN,
		.top = UINT64_MAX,
		.count = UINT64_MAX,
		.depth = UINT64_MAX,
		.exitcode = EXIT_GATE,
		.iterations = UINT64_MAX};
}

void options_free(struct settings *settings)
{
	free(settings->symbols.texts);
	free(settings->filters.texts);
	free(settings->suppressions.texts);
	free(settings->against.texts);
	free(settings->operands.texts);
	for (size_t i = 0; i < settings->again.count; i++)
		free((char *)settings->again.texts[i]);
	free(settings->again.texts);
	free((char *)settings->older.text);
	free((char *)settings->interval.text);
	free((char *)settings->wait.text);
	free(settings->fail_on.texts);
}

static void list_add(struct text_list *list, const char *text)
{
	list->texts = memory_resize(list->texts, list->count + 1, sizeof(*list->texts));
	list->texts[list->count++] = text;
}

static bool is_choice(const char *choices, const char *text)
{
	size_t length = strlen(text);

	for (const char *at = choices; at; at = strchr(at, '|') ? strchr(at, '|') + 1 : NULL)
		if (length && strncmp(at, text, length) == 0 &&
			(at[length] == '|' || at[length] == '\0'))
			return true;
	return false;
}

static int parse_time(
	const struct option_row *row, const char *text, struct time_span *ret, struct error *error)
{
	char *end;
	double value = strtod(text, &end);
	double unit = strcmp(end, "d") == 0                              ? 86400
		      : strcmp(end, "h") == 0                            ? 3600
		      : strcmp(end, "m") == 0 || strcmp(end, "min") == 0 ? 60
		      : strcmp(end, "s") == 0 || *end == '\0'            ? 1
		      : strcmp(end, "ms") == 0                           ? 0.001
									 : 0;

	if (end == text || unit == 0 || !(value >= 0 && value * unit < 9e9))
		return error_set(error, "--%s needs a time such as 30s, 5m, 2h or 1d, not '%s'",
			row->name, text);
	ret->ns = (uint64_t)(value * unit * 1e9);
	free((char *)ret->text);
	ret->text = *end ? memory_copy(text) : memory_join(text, "s", "");
	return 0;
}

static int parse_count(
	const struct option_row *row, const char *text, uint64_t *ret, struct error *error)
{
	char *end;
	unsigned long long value = strtoull(text, &end, 10);

	if (!isdigit((unsigned char)text[0]) || *end)
		return error_set(error, "--%s needs a number, not '%s'", row->name, text);
	*ret = value < UINT64_MAX ? value : UINT64_MAX - 1; /* which stands for none given */
	return 0;
}

static int parse_percent(
	const struct option_row *row, const char *text, uint64_t *ret, struct error *error)
{
	char *end;
	unsigned long long value = strtoull(text, &end, 10);

	if (!isdigit((unsigned char)text[0]) || strcmp(end, *end == '%' ? "%" : "") != 0 ||
		value < 1 || value > 99)
		return error_set(error, "--%s needs 1%% to 99%%, not '%s'", row->name, text);
	*ret = value;
	return 0;
}

/* The class of this name, or several of them; 0: there is no such. */
static unsigned kinds_named(const char *name, size_t length)
{
	if (length == 3 && strncmp(name, "all", length) == 0)
		return CLASSES_ALL;
	for (size_t i = 0; i < CLASS_SUPPRESSED; i++)
		if (strlen(model_class_names[i]) == length &&
			strncmp(name, model_class_names[i], length) == 0)
			return CLASS_BIT(i);
	return 0;
}

static int parse_kinds(
	const struct option_row *row, const char *text, unsigned *ret, struct error *error)
{
	unsigned kinds = 0;

	for (const char *at = text; strcmp(text, "none") != 0;) {
		size_t length = strcspn(at, ",");
		unsigned named = kinds_named(at, length);
		if (named == 0)
			return error_set(error,
				"--%s takes some of definite, indirect, possible, reachable and "
				"unknown, with commas, or all, or none; not '%s'",
				row->name, text);
		kinds |= named;
		if (at[length] == '\0')
			break;
		at += length + 1;
	}
	*ret = kinds;
	return 0;
}

static int store_value(struct settings *settings, const struct option_row *row, const char *text,
	struct error *error)
{
	void *field = (char *)settings + row->field;

	switch (row->kind) {
	case OPTION_FLAG:
		*(bool *)field = true;
		return 0;
	case OPTION_LIST:
		list_add(field, text);
		return 0;
	case OPTION_COUNT:
		return parse_count(row, text, field, error);
	case OPTION_PERCENT:
		return parse_percent(row, text, field, error);
	case OPTION_KINDS:
		return parse_kinds(row, text, field, error);
	case OPTION_TIME:
		return parse_time(row, text, field, error);
	case OPTION_CHOICE:
		if (!is_choice(row_argument(row), text))
			return error_set(error, "--%s takes %s, not '%s'", row->name,
				row_argument(row), text);
		break;
	default:
		break;
	}
	*(const char **)field = text;
	return 0;
}

static int store(struct settings *settings, const struct option_row *row, const char *text,
	struct error *error)
{
	if (store_value(settings, row, text, error) < 0)
		return -1;
	if (row->again) {
		bool bare = row->kind == OPTION_FLAG || (row->kind == OPTION_OPTIONAL && !text[0]);
		char *name = memory_join("--", row->name, bare ? "" : "=");
		list_add(&settings->again, memory_join(name, text, ""));
		free(name);
	}
	return 0;
}

/* Exactly one of `name` (of `length`) and `letter` is given. Rows that fit `commands` come first:
 * an option may have one row for each command. With `commands` 0 any row will do. */
static const struct option_row *find_row(
	const char *name, size_t length, char letter, unsigned commands)
{
	for (size_t i = 0; i < ROWS; i++) {
		const struct option_row *row = &rows[i];
		if ((row->commands & commands) != commands)
			continue;
		if (name ? strlen(row->name) == length && strncmp(row->name, name, length) == 0
			 : letter && row->letter == letter)
			return row;
	}
	return NULL;
}

static bool takes_argument(const struct option_row *row)
{
	return row->kind != OPTION_FLAG && row->kind != OPTION_OPTIONAL;
}

static const char *command_name(unsigned command)
{
	for (size_t i = 0; i < sizeof(command_names) / sizeof(command_names[0]); i++)
		if (command_names[i].command & command)
			return command_names[i].name;
	return "";
}

/* A row of another command than those that are asked for: of the one in use where it has one. */
static const struct option_row *find_other(
	const struct settings *settings, const char *name, size_t length, char letter)
{
	const struct option_row *row =
		settings->command ? find_row(name, length, letter, settings->command) : NULL;

	return row ? row : find_row(name, length, letter, 0);
}

/* `other`: a row of another command by that name, or NULL; `used`: the command in use, 0: it is not
 * known. */
static int refuse(const char *text, int length, unsigned commands, const struct option_row *other,
	unsigned used, struct error *error)
{
	bool is_used = other && (other->commands & used);

	if (other && commands == FOR_ALL && (is_used || used == 0))
		return error_set(error,
			"%.*s is an option of %s: write it after the command's name", length, text,
			command_name(is_used ? used : other->commands));
	if (other && commands == FOR_ALL)
		commands = used;
	const char *space = commands == FOR_ALL ? "" : " ";
	const char *name = commands == FOR_ALL ? "" : command_name(commands);
	if (other)
		return error_set(error, "%.*s is an option of %s; `leak help %s` lists those of %s",
			length, text, command_name(other->commands), name, name);
	return error_set(error, "unknown option '%.*s'; `leak help%s%s` lists %s options", length,
		text, space, name, commands == FOR_ALL ? "the" : "its");
}

/* --name, --name=X or --name X at arguments[*at]. */
static int parse_long(struct settings *settings, int count, char **arguments, int *at,
	unsigned commands, struct error *error)
{
	const char *name = arguments[*at] + 2, *equals = strchr(name, '=');
	size_t length = equals ? (size_t)(equals - name) : strlen(name);
	const struct option_row *row = find_row(name, length, 0, commands);

	if (row == NULL)
		return refuse(arguments[*at], (int)length + 2, commands,
			find_other(settings, name, length, 0), settings->command, error);
	if (equals && row->kind == OPTION_FLAG)
		return error_set(error, "--%s takes no argument", row->name);
	if (!equals && takes_argument(row) && *at + 1 >= count)
		return error_set(error, "--%s needs an argument: %s", row->name, row_argument(row));
	return store(settings, row,
		equals                ? equals + 1
		: takes_argument(row) ? arguments[++*at]
				      : "",
		error);
}

/* -abc, -nX or -n X at arguments[*at]. */
static int parse_short(struct settings *settings, int count, char **arguments, int *at,
	unsigned commands, struct error *error)
{
	for (const char *letter = arguments[*at] + 1; *letter; letter++) {
		const struct option_row *row = find_row(NULL, 0, *letter, commands);
		char name[3] = {'-', *letter, '\0'};
		if (row == NULL)
			return refuse(name, 2, commands, find_other(settings, NULL, 0, *letter),
				settings->command, error);
		if (!takes_argument(row)) {
			if (store(settings, row, "", error) < 0)
				return -1;
			continue;
		}
		if (letter[1] == '\0' && *at + 1 >= count)
			return error_set(
				error, "%s needs an argument: %s", name, row_argument(row));
		return store(settings, row, letter[1] ? letter + 1 : arguments[++*at], error);
	}
	return 0;
}

int options_parse(struct settings *settings, int count, char **arguments, unsigned commands,
	bool stop_at_operand, struct error *error)
{
	bool options = true;

	for (int at = 0; at < count; at++) {
		const char *argument = arguments[at];
		int result = 0;
		if (options && strcmp(argument, "--") == 0) {
			options = false;
		} else if (!options || argument[0] != '-' || argument[1] == '\0') {
			list_add(&settings->operands, argument);
			if (stop_at_operand)
				options = false;
		} else if (argument[1] == '-') {
			result = parse_long(settings, count, arguments, &at, commands, error);
		} else {
			result = parse_short(settings, count, arguments, &at, commands, error);
		}
		if (result < 0)
			return -1;
	}
	return 0;
}

int options_leading(int count, char **arguments)
{
	int at = 0;

	while (at < count && arguments[at][0] == '-' && arguments[at][1] &&
		strcmp(arguments[at], "--") != 0) {
		const char *text = arguments[at];
		const struct option_row *row =
			text[1] == '-' ? find_row(text + 2, strcspn(text + 2, "="), 0, FOR_ALL)
				       : find_row(NULL, 0, text[strlen(text) - 1], FOR_ALL);
		at += row && takes_argument(row) && !strchr(text, '=') ? 2 : 1;
	}
	return at < count ? at : count;
}

#define HELP_COLUMN 28

/* Lines of one help text: what stands to the left of the first, then blanks. */
static void write_help(FILE *out, const char *left, const char *help)
{
	if (strlen(left) > HELP_COLUMN) {
		fprintf(out, "  %s\n", left);
		left = "";
	}
	for (; *help; left = "") {
		size_t length = strcspn(help, "\n");
		fprintf(out, "  %-*s  %.*s\n", HELP_COLUMN, left, (int)length, help);
		help += length + (help[length] != '\0');
	}
}

void options_help(FILE *out, const char *title, unsigned command)
{
	bool first = true;

	for (size_t i = 0; i < ROWS; i++) {
		const struct option_row *row = &rows[i];
		const char *argument = row_argument(row);
		char left[160];
		if ((command == FOR_ALL) != (row->commands == FOR_ALL) ||
			!(row->commands & command))
			continue;
		snprintf(left, sizeof(left), "%c%c%s --%s%s%s%s", row->letter ? '-' : ' ',
			row->letter ? row->letter : ' ', row->letter ? "," : " ", row->name,
			row->kind == OPTION_OPTIONAL ? "[="
			: argument                   ? "="
						     : "",
			argument ? argument : "", row->kind == OPTION_OPTIONAL ? "]" : "");
		fprintf(out, "%s", first ? title : "");
		first = false;
		write_help(out, left, row->help);
	}
}
