/*
 * Writes the page of the HTML report. Called by render_html.c. The page has places for its parts,
 * comments of the form <!--leak:NAME-->. Its data is packed (gzip) and then written in base64, so
 * that nothing in a name can end it or be taken for a script.
 */
#include "render_page.h"

#include "memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

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

static voidpf zlib_room(voidpf opaque, uInt count, uInt size)
{
	(void)opaque;
	return memory_zero(count, size);
}

static void zlib_release(voidpf opaque, voidpf room)
{
	(void)opaque;
	free(room);
}

#define GZIP 16           /* added to the window's bits: with a gzip header, which has no time */
#define PIECE (3u * 8192) /* a multiple of 3, so that no piece but the last is padded */

/* The packed bytes come in pieces of exactly PIECE, but for the last one. */
static void write_packed(const char *data, size_t size, FILE *out)
{
	z_stream stream = {
		.zalloc = zlib_room, .zfree = zlib_release, .next_in = (z_const Bytef *)data};
	unsigned char *piece = memory_zero(PIECE, 1);
	int result;

	/* It can only fail for want of memory, which ends the program. */
	deflateInit2(
		&stream, Z_BEST_COMPRESSION, Z_DEFLATED, MAX_WBITS + GZIP, 9, Z_DEFAULT_STRATEGY);
	do {
		stream.next_out = piece;
		stream.avail_out = PIECE;
		do {
			if (stream.avail_in == 0) {
				stream.avail_in = size < UINT32_MAX ? (uInt)size : UINT32_MAX;
				size -= stream.avail_in;
			}
			result = deflate(&stream, size ? Z_NO_FLUSH : Z_FINISH);
		} while (result == Z_OK && stream.avail_out);
		write_base64(piece, PIECE - stream.avail_out, out);
	} while (result == Z_OK);
	deflateEnd(&stream);
	free(piece);
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
