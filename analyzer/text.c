/*
 * Small pieces of text for people. Called by the renderers, the verdict and the commands.
 * Does not handle wide or combining characters when it counts columns.
 */
#define _GNU_SOURCE
#include "text.h"

#include "memory.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *scaled(char room[TEXT_SMALL], uint64_t bytes, const char *plain)
{
	static const char *const units[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
	double value = (double)bytes / 1024;
	size_t unit = 0;

	if (bytes < 10000) {
		text_count(room, bytes);
		size_t length = strlen(room);
		snprintf(room + length, TEXT_SMALL - length, " %s", plain);
		return room;
	}
	while (value >= 1023.95 && unit + 1 < sizeof(units) / sizeof(units[0])) {
		value /= 1024;
		unit++;
	}
	snprintf(room, TEXT_SMALL, "%.1f %s", value, units[unit]);
	return room;
}

const char *text_bytes(char room[TEXT_SMALL], uint64_t bytes)
{
	return scaled(room, bytes, bytes == 1 ? "byte" : "bytes");
}

const char *text_bytes_short(char room[TEXT_SMALL], uint64_t bytes)
{
	return scaled(room, bytes, "B");
}

const char *text_count(char room[TEXT_SMALL], uint64_t count)
{
	char digits[TEXT_SMALL];
	int length = snprintf(digits, sizeof(digits), "%" PRIu64, count);
	char *out = room;

	for (int i = 0; i < length; i++) {
		if (i && (length - i) % 3 == 0)
			*out++ = ',';
		*out++ = digits[i];
	}
	*out = '\0';
	return room;
}

const char *text_time(char room[TEXT_SMALL], uint64_t ns)
{
	double seconds = (double)ns / 1e9;

	if (seconds < 1)
		snprintf(room, TEXT_SMALL, "%.0f ms", seconds * 1000);
	else if (seconds < 100)
		snprintf(room, TEXT_SMALL, "%.1f s", seconds);
	else if (seconds < 6000)
		snprintf(room, TEXT_SMALL, "%.0f min", seconds / 60);
	else if (seconds < 48 * 3600.0)
		snprintf(room, TEXT_SMALL, "%.1f h", seconds / 3600);
	else
		snprintf(room, TEXT_SMALL, "%.1f days", seconds / 86400);
	return room;
}

const char *text_share(char room[TEXT_SMALL], uint64_t part, uint64_t whole)
{
	double percent = whole ? 100.0 * (double)part / (double)whole : 0;

	if (part && percent < 1)
		snprintf(room, TEXT_SMALL, "under 1%%");
	else
		snprintf(room, TEXT_SMALL, "%.0f%%", percent);
	return room;
}

const char *text_signal(char room[TEXT_SMALL], int number)
{
	const char *name = NULL;

#if __GLIBC_PREREQ(2, 32)
	name = sigabbrev_np(number);
#endif
	snprintf(room, TEXT_SMALL, name ? "signal %d (SIG%s)" : "signal %d", number, name);
	return room;
}

const char *text_plural(uint64_t count, const char *one, const char *many)
{
	return count == 1 ? one : many;
}

/* Bytes of the well-formed UTF-8 sequence at `s`, 0 when it is none. C1 controls count as none. */
static size_t sequence_length(const unsigned char *s)
{
	size_t length = s[0] < 0x80                   ? 1
			: s[0] >= 0xf0 && s[0] < 0xf5 ? 4
			: s[0] >= 0xe0 && s[0] < 0xf0 ? 3
			: s[0] >= 0xc2 && s[0] < 0xe0 ? 2
						      : 0;
	for (size_t i = 1; i < length; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if (length == 2 && s[0] == 0xc2 && s[1] < 0xa0)
		return 0;
	if (length == 3 && ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f)))
		return 0;
	if (length == 4 && ((s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f)))
		return 0;
	return length;
}

char *text_escape(const char *raw)
{
	const unsigned char *in = (const unsigned char *)raw;
	char *escaped = memory_zero(strlen(raw) * 4 + 1, 1);
	char *out = escaped;

	while (*in) {
		size_t length = sequence_length(in);
		if (length == 0 || *in < 0x20 || *in == 0x7f) {
			out += sprintf(out, "\\x%02x", *in++);
			continue;
		}
		memcpy(out, in, length);
		out += length;
		in += length;
	}
	*out = '\0';
	return escaped;
}

size_t text_columns(const char *text)
{
	size_t columns = 0;

	for (; *text; text++)
		columns += ((unsigned char)*text & 0xc0) != 0x80;
	return columns;
}

const char *text_basename(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}
