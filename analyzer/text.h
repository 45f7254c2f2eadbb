/* Small pieces of text for people: sizes, counts, times, escaped names. */
#ifndef LEAK_TEXT_H
#define LEAK_TEXT_H

#include <stddef.h>
#include <stdint.h>

#define TEXT_SMALL 48 /* room for any text that text_bytes, text_count and the like write */

/* "1,000 bytes" below 10,000, else "12.4 MiB". Writes into `room` and returns it. */
const char *text_bytes(char room[TEXT_SMALL], uint64_t bytes);

/* The same in short: "1,000 B". */
const char *text_bytes_short(char room[TEXT_SMALL], uint64_t bytes);

/* A number with a comma between thousands. */
const char *text_count(char room[TEXT_SMALL], uint64_t count);

/* A length of time from nanoseconds: "12 ms", "3.4 s", "5 min", "2.1 h", "3.0 days". */
const char *text_time(char room[TEXT_SMALL], uint64_t ns);

/* A part of a whole: "92%", "under 1%". */
const char *text_share(char room[TEXT_SMALL], uint64_t part, uint64_t whole);

/* A signal: "signal 9 (SIGKILL)"; without its name where there is none, or libc does not tell
 * (glibc before 2.32). */
const char *text_signal(char room[TEXT_SMALL], int number);

/* `one` when count is 1, else `many`. */
const char *text_plural(uint64_t count, const char *one, const char *many);

/* A copy of `raw` that is safe on a terminal: control characters and broken UTF-8 come out as
 * \xNN. The caller frees it. */
char *text_escape(const char *raw);

/* Shortens what the C++ library spells out in `name`, in place: "std::string" for its basic_string
 * of char, and no default allocators, comparators and traits. */
void text_simplify_cxx(char *name);

/* Shortens a function's name (valid UTF-8), in place, to at most `columns` columns as far as that
 * can be done without cutting the name itself: "ns::f<…>(…)", "…f<…>(…)". */
void text_shorten_function(char *name, size_t columns);

/* Columns that `text` (valid UTF-8) takes, every code point counted as one. */
size_t text_columns(const char *text);

/* The part after the last slash. */
const char *text_basename(const char *path);

#endif
