/* Short texts in fixed buffers: names of images, the summary line, messages about options. */
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
	uint64_t tenths = 0;

	while (bytes >= 1024 && unit < 5) {
		tenths = (bytes % 1024) * 10 / 1024;
		bytes /= 1024;
		unit++;
	}
	text_add_number(t, bytes);
	if (unit) {
		text_add(t, ".");
		text_add_number(t, tenths);
	}
	text_add(t, " ");
	text_add(t, units[unit]);
}

void text_print(struct text *t)
{
	text_add(t, "\n");
	if (t->cut)
		t->bytes[t->used - 1] = '\n';
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
