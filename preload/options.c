/* The parser of LEAK_OPTIONS, made from options.def. Runs once, before the first event. */
#include <signal.h>

#include "preload/options.h"
#include "preload/sys.h"
#include "preload/text.h"

struct options options;

enum option_kind {
	KIND_TEXT,
	KIND_FLAG,
	KIND_COUNT,
	KIND_SECONDS,
	KIND_PERCENT,
	KIND_SIGNAL,
	KIND_CHOICE,
	KIND_WORDS
};

struct option_row {
	const char *name;
	enum option_kind kind;
	const char *initial; /* CHOICE, WORDS: all words, the first one is it */
	const char *help;
	void *field;
	bool *given;
};

/* String literals for the defaults of any kind: some rows bring quotes along. */
#define INITIAL_TEXT(initial) initial
#define INITIAL_FLAG(initial) #initial
#define INITIAL_COUNT(initial) #initial
#define INITIAL_SECONDS(initial) #initial
#define INITIAL_PERCENT(initial) #initial
#define INITIAL_SIGNAL(initial) #initial
#define INITIAL_CHOICE(initial) initial
#define INITIAL_WORDS(initial) initial

static const struct option_row rows[] = {
#define OPTION(name, kind, initial, help)                                                          \
	{#name, KIND_##kind, INITIAL_##kind(initial), help, &options.name, &options.name##_given},
#include "preload/options.def"
#undef OPTION
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static const struct {
	const char *name;
	int number;
} signals[] = {
	{"HUP", SIGHUP},
	{"INT", SIGINT},
	{"QUIT", SIGQUIT},
	{"USR1", SIGUSR1},
	{"USR2", SIGUSR2},
	{"ALRM", SIGALRM},
	{"TERM", SIGTERM},
	{"URG", SIGURG},
	{"VTALRM", SIGVTALRM},
	{"PROF", SIGPROF},
	{"WINCH", SIGWINCH},
	{"IO", SIGIO},
};

static bool parse_number(const char *value, uint64_t *ret)
{
	uint64_t number = 0;

	if (!*value)
		return false;
	for (; *value; value++) {
		if (*value < '0' || *value > '9' || number > UINT64_MAX / 10 - 1)
			return false;
		number = number * 10 + (uint64_t)(*value - '0');
	}
	*ret = number;
	return true;
}

static bool parse_signal(const char *value, uint64_t *ret)
{
	if (text_begins(value, "SIG"))
		value += 3;
	if (text_equal(value, "none")) {
		*ret = 0;
		return true;
	}
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		if (text_equal(value, signals[i].name)) {
			*ret = (uint64_t)signals[i].number;
			return true;
		}
	}
	return parse_number(value, ret) && *ret < 65;
}

static bool parse_percent(const char *value, uint64_t *ret)
{
	char digits[8];
	size_t n = text_length(value);

	if (n && value[n - 1] == '%')
		n--;
	if (n >= sizeof(digits))
		return false;
	__builtin_memcpy(digits, value, n);
	digits[n] = '\0';
	return parse_number(digits, ret) && *ret < 100;
}

/* The number of a word among words with '|' between them; all of them are the first one. */
static bool parse_choice(const char *words, const char *value, uint64_t *ret)
{
	uint64_t number = 0;
	size_t length = text_length(value);

	if (text_equal(value, words)) {
		*ret = 0;
		return true;
	}
	for (const char *at = words; *at && length; number++) {
		if (text_begins(at, value) && (at[length] == '|' || at[length] == '\0')) {
			*ret = number;
			return true;
		}
		while (*at && *at++ != '|')
			;
	}
	return false;
}

/* The sum of some words, with '+' between them, among "all|none|first|second|…": a bit each. */
static bool parse_words(const char *words, const char *value, uint64_t *ret)
{
	char word[32];
	uint64_t number, all = 0;

	for (const char *at = words; *at; at++)
		all += *at == '|';
	all = (1ull << (all - 1)) - 1;
	if (text_equal(value, words)) {
		*ret = all;
		return true;
	}
	*ret = 0;
	do {
		size_t n = 0;

		while (value[n] && value[n] != '+')
			n++;
		if (n >= sizeof(word))
			return false;
		__builtin_memcpy(word, value, n);
		word[n] = '\0';
		if (!parse_choice(words, word, &number))
			return false;
		*ret |= number == 0 ? all : number == 1 ? 0 : 1ull << (number - 2);
		value += n;
	} while (*value++ == '+');
	return true;
}

static bool set(const struct option_row *row, const char *value)
{
	uint64_t number;

	switch (row->kind) {
	case KIND_TEXT:
		if (!*value || text_length(value) >= OPTION_TEXT_MAX)
			return false;
		__builtin_memcpy(row->field, value, text_length(value) + 1);
		return true;
	case KIND_FLAG:
		if (!parse_number(value, &number) || number > 1)
			return false;
		break;
	case KIND_PERCENT:
		if (!parse_percent(value, &number))
			return false;
		break;
	case KIND_CHOICE:
		if (!parse_choice(row->initial, value, &number))
			return false;
		break;
	case KIND_WORDS:
		if (!parse_words(row->initial, value, &number))
			return false;
		break;
	case KIND_SIGNAL:
		if (!parse_signal(value, &number))
			return false;
		break;
	default:
		if (!parse_number(value, &number))
			return false;
	}
	*(uint64_t *)row->field = number;
	return true;
}

static const struct option_row *row_named(const char *name)
{
	for (size_t i = 0; i < ROWS; i++) {
		if (text_equal(rows[i].name, name))
			return &rows[i];
	}
	return NULL;
}

static void complain(const char *what, const char *about, const char *why)
{
	TEXT(t, 1024);

	text_add(&t, "libleak: LEAK_OPTIONS: ");
	text_add(&t, what);
	text_add(&t, " '");
	text_add(&t, about);
	text_add(&t, "' ");
	text_add(&t, why);
	text_add(&t, "; LEAK_OPTIONS=help=1 lists the options");
	text_print(&t);
}

static void apply(const char *name, const char *value, bool talk)
{
	const struct option_row *row = row_named(name);

	if (!row) {
		if (talk)
			complain("option", name, "is unknown and ignored");
		return;
	}
	if (!set(row, value)) {
		if (talk)
			complain("value of option", name, "is not usable and ignored");
		return;
	}
	*row->given = true;
}

static bool is_separator(char c)
{
	return c == ':' || c == ',' || c == ' ' || c == '\t' || c == '\n';
}

/* Copies one word up to `end` characters into `ret`, unquoting; returns where it stopped. */
static const char *take_word(const char *at, char stop, char *ret, size_t size, bool *cut)
{
	size_t n = 0;
	char quote = 0;

	*cut = false;
	for (; *at; at++) {
		if (quote) {
			if (*at == quote) {
				quote = 0;
				continue;
			}
		} else if (*at == '\'' || *at == '"') {
			quote = *at;
			continue;
		} else if (*at == stop || is_separator(*at)) {
			break;
		}
		if (n + 1 < size)
			ret[n++] = *at;
		else
			*cut = true;
	}
	ret[n] = '\0';
	return at;
}

static void print_help(void)
{
	TEXT(t, 256);

	text_add(&t, "libleak: LEAK_OPTIONS=key=value:key=value...");
	text_print(&t);
	for (size_t i = 0; i < ROWS; i++) {
		t = text_in(t_buffer, sizeof(t_buffer));
		text_add(&t, "  ");
		text_add(&t, rows[i].name);
		text_add(&t, "=");
		text_add(&t, rows[i].initial);
		do
			text_add(&t, " ");
		while (t.used < 28);
		text_add(&t, rows[i].help);
		text_print(&t);
	}
}

/* Calls `use` for each pair of name and value. */
static void each_pair(
	const char *value, bool talk, void (*use)(const char *name, const char *value, bool talk))
{
	char name[64], word[OPTION_TEXT_MAX];
	bool cut_name, cut_word;

	while (value && *value) {
		if (is_separator(*value)) {
			value++;
			continue;
		}
		value = take_word(value, '=', name, sizeof(name), &cut_name);
		if (*value != '=') {
			if (talk)
				complain("word", name, "has no value and is ignored");
			continue;
		}
		value = take_word(value + 1, '\0', word, sizeof(word), &cut_word);
		if (cut_word && talk)
			complain("value of option", name, "is too long and ignored");
		if (!cut_word)
			use(name, word, talk);
	}
}

/* An option that LeakSanitizer has, too, and means the same by; the user's own words come first. */
static void apply_shared(const char *name, const char *value, bool talk)
{
	const struct option_row *row = text_begins(name, "use_") || text_equal(name, "suppressions")
					       ? row_named(name)
					       : NULL;

	(void)talk;
	if (row && !*row->given)
		*row->given = set(row, value);
}

void options_read_lsan(const char *value)
{
	each_pair(value, false, apply_shared);
}

void options_read(const char *value, bool talk)
{
	for (size_t i = 0; i < ROWS; i++) {
		set(&rows[i], rows[i].initial);
		*rows[i].given = false;
	}
	each_pair(value, talk, apply);
	if (options.depth == 0)
		options.depth = 1;
	if (options.help && talk)
		print_help();
}
