/*
 * What the user asked for, in LEAK_OPTIONS=key=value:key=value (separated by ':', ',' or spaces;
 * values may be quoted with ' or "). Read once, at the start; constant afterwards.
 */
#ifndef LEAK_OPTIONS_H
#define LEAK_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OPTION_TEXT_MAX 512

struct options {
#define OPTION_FIELD_TEXT(name)                                                                    \
	char name[OPTION_TEXT_MAX];                                                                \
	bool name##_given;
#define OPTION_FIELD_FLAG(name)                                                                    \
	uint64_t name;                                                                             \
	bool name##_given;
#define OPTION_FIELD_COUNT(name)                                                                   \
	uint64_t name;                                                                             \
	bool name##_given;
#define OPTION_FIELD_SECONDS(name)                                                                 \
	uint64_t name;                                                                             \
	bool name##_given;
#define OPTION_FIELD_PERCENT(name)                                                                 \
	uint64_t name;                                                                             \
	bool name##_given;
#define OPTION_FIELD_SIGNAL(name)                                                                  \
	uint64_t name;                                                                             \
	bool name##_given;
#define OPTION_FIELD_CHOICE(name)                                                                  \
	uint64_t name;                                                                             \
	bool name##_given;
#define OPTION_FIELD_WORDS(name)                                                                   \
	uint64_t name;                                                                             \
	bool name##_given;
#define OPTION(name, kind, initial, help) OPTION_FIELD_##kind(name)
#include "preload/options.def"
#undef OPTION
};

extern struct options options;

/* options.keep, in the order of options.def. */
enum { KEEP_ALWAYS, KEEP_LEAKS };

/* Reads `value` (LEAK_OPTIONS, may be NULL) over the defaults. What is wrong in it is told on
 * stderr in one sentence each when `talk` is set, and otherwise ignored. */
void options_read(const char *value, bool talk);

/* Takes from LeakSanitizer's options (LSAN_OPTIONS, or what the program's __lsan_default_options
 * says) those that are ours, too, unless `value` above had them. The rest is not for us. May be
 * NULL. */
void options_read_lsan(const char *value);

#endif
