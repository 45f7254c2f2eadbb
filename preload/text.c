/* Short texts in fixed buffers: names of images, the summary line, messages about options. */
#include <unistd.h>

#include "preload/text.h"
#include "preload/sys.h"

struct text text_in(char *buffer, size_t size)
{
	buffer[0] = '\0';
	return (struct text){.bytes = buffer, .size = size};
}

void text_add_bytes(struct text *t, const char *bytes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (t->used + 1 >= t->size) {
			t->cut = true;
			break;
		}
		t->bytes[t->used++] = bytes[i];
	}
	t->bytes[t->used] = '\0';
}

void text_add(struct text *t, const char *string)
{
	text_add_bytes(t, string, text_length(string));
}

void text_add_number(struct text *t, uint64_t number)
{
	char digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	text_add_bytes(t, digits + at, sizeof(digits) - at);
}

void text_add_size(struct text *t, uint64_t bytes)
{
	static const char units[][4] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
	unsigned unit = 0;
	uint64_t tenths = bytes < 1024 ? bytes * 10 : 0, scale = 1;

	while (bytes / scale >= 1024 && unit < 5) {
		scale *= 1024;
		unit++;
	}
	if (unit)
		tenths = bytes / scale * 10 + (bytes % scale * 10 + scale / 2) / scale;
	text_add_number(t, tenths / 10);
	if (unit) {
		text_add(t, ".");
		text_add_number(t, tenths % 10);
	}
	text_add(t, " ");
	text_add(t, units[unit]);
}

static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '/' || c == '.' || c == '_' || c == '-' || c == '+' || c == '%' || c == ',' ||
	       c == '=' || c == ':' || c == '@';
}

/* How many bytes from here on a terminal could take for a command: a control character, or one of
 * the C1 characters of UTF-8. */
static unsigned control_at(const char *at)
{
	unsigned char c = (unsigned char)at[0], next = c ? (unsigned char)at[1] : 0;

	if (c == 0xc2 && next >= 0x80 && next < 0xa0)
		return 2;
	return c && (c < 0x20 || c == 0x7f);
}

/* \xNN for each. Returns what is behind them. */
static const char *add_byte_numbers(struct text *t, const char *at, unsigned count)
{
	static const char digits[] = "0123456789abcdef";

	for (const char *end = at + count; at < end; at++) {
		const char number[] = {
			'\\', 'x', digits[(unsigned char)*at >> 4], digits[*at & 15]};

		text_add_bytes(t, number, sizeof(number));
	}
	return at;
}

void text_add_shown(struct text *t, const char *name)
{
	while (*name) {
		unsigned controls = control_at(name);

		if (!controls)
			text_add_bytes(t, name++, 1);
		else
			name = add_byte_numbers(t, name, controls);
	}
}

void text_add_quoted(struct text *t, const char *word)
{
	const char *c = word;

	while (*c && is_plain(*c))
		c++;
	if (*word && !*c) {
		text_add(t, word);
		return;
	}
	text_add(t, "'");
	for (c = word; *c;) {
		unsigned controls = control_at(c);

		if (!controls) {
			text_add(t, *c == '\'' ? "'\\''" : (char[]){*c, '\0'});
			c++;
			continue;
		}
		text_add(t, "'$'");
		c = add_byte_numbers(t, c, controls);
		text_add(t, "''");
	}
	text_add(t, "'");
}

/* Would writing so much to stderr end in SIGXFSZ? It is a file, and the limit on files is near. */
static bool is_beyond_limit(size_t size)
{
	uint64_t limit = sys_limit(RLIMIT_FSIZE);
	struct stat st;
	long at;

	if (limit == UINT64_MAX || sys_failed(sys_fstat(2, &st)) || !S_ISREG(st.st_mode))
		return false;
	at = sys_call3(SYS_lseek, 2, 0, SEEK_CUR);
	if (sys_failed(at) || at < st.st_size)
		at = st.st_size; /* it may be opened for appending */
	return (uint64_t)at + size > limit;
}

void text_print(struct text *t)
{
	text_add(t, "\n");
	if (t->cut)
		t->bytes[t->used - 1] = '\n';
	if (!is_beyond_limit(t->used))
		sys_write(2, t->bytes, t->used);
}

size_t text_length(const char *string)
{
	size_t n = 0;

	while (string[n])
		n++;
	return n;
}

bool text_equal(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

bool text_begins(const char *string, const char *prefix)
{
	while (*prefix && *string == *prefix) {
		string++;
		prefix++;
	}
	return *prefix == '\0';
}

const char *text_read_decimal(const char *at, uint64_t *ret)
{
	for (*ret = 0; *at >= '0' && *at <= '9'; at++)
		*ret = *ret * 10 + (uint64_t)(*at - '0');
	return at;
}

const char *text_read_hex(const char *at, uint64_t *ret)
{
	*ret = 0;
	for (;; at++) {
		char c = *at;

		if (c >= '0' && c <= '9')
			*ret = *ret << 4 | (uint64_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			*ret = *ret << 4 | (uint64_t)(c - 'a' + 10);
		else
			return at;
	}
}
