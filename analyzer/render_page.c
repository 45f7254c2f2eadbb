/*
 * Writes the page of the HTML report. Called by render_html.c. The page has places for its parts,
 * comments of the form <!--leak:NAME-->. Its data is packed (gzip) and then written in base64, so
 * that nothing in a name can end it or be taken for a script.
 */
#include "render_page.h"

#include "memory.h"
#include "render_gzip.h"

#include <stdlib.h>
#include <string.h>

/* build/page.html, see page/assemble. */
extern const char page_html[], page_html_end[];
__asm__(".section .rodata\n"
	".global page_html, page_html_end\n"
	"page_html: .incbin \"" LEAK_PAGE "\"\n"
	"page_html_end: .byte 0\n"
	".previous\n");

static void write_escaped(const char *text, size_t size, FILE *out)
{
	for (size_t i = 0; i < size; i++) {
		switch (text[i]) {
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '&':
			fputs("&amp;", out);
			break;
		default:
			putc(text[i], out);
		}
	}
}

static void write_base64(const unsigned char *bytes, size_t size, FILE *out)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < size; i += 3) {
		unsigned word = (unsigned)bytes[i] << 16;
		size_t left = size - i;
		word |= left > 1 ? (unsigned)bytes[i + 1] << 8 : 0;
		word |= left > 2 ? bytes[i + 2] : 0;
		putc(digits[word >> 18], out);
		putc(digits[word >> 12 & 63], out);
		putc(left > 1 ? digits[word >> 6 & 63] : '=', out);
		putc(left > 2 ? digits[word & 63] : '=', out);
	}
}

static void write_packed(const char *data, size_t size, FILE *out)
{
	char *packed;
	size_t packed_size;
	FILE *memory = memory_stream(&packed, &packed_size);
	struct render_gzip *gzip = render_gzip_start(memory);

	render_gzip_write(gzip, data, size);
	render_gzip_end(gzip);
	memory_stream_end(memory);
	write_base64((const unsigned char *)packed, packed_size, out);
	free(packed);
}

static void write_part(const char *name, size_t length, const struct render_page *page, FILE *out)
{
	if (length == 5 && memcmp(name, "title", length) == 0)
		write_escaped(page->title, strlen(page->title), out);
	else if (length == 4 && memcmp(name, "text", length) == 0)
		write_escaped(page->text, page->text_size, out);
	else if (length == 4 && memcmp(name, "data", length) == 0)
		write_packed(page->data, page->data_size, out);
}

void render_page_write(const struct render_page *page, FILE *out)
{
	static const char opening[] = "<!--leak:", closing[] = "-->";
	const char *at = page_html, *place;

	while ((place = strstr(at, opening)) != NULL) {
		const char *name = place + strlen(opening);
		const char *end = strstr(name, closing);
		fwrite(at, 1, (size_t)(place - at), out);
		write_part(name, (size_t)(end - name), page, out);
		at = end + strlen(closing);
	}
	fputs(at, out);
}
