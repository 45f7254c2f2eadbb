/* Writes text into XML so that any parser takes it. Called by the renderers of XML. */
#define _GNU_SOURCE
#include "render_xml.h"

#include "memory.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

/* Well-formed UTF-8 that XML forbids: U+FFFE and U+FFFF. */
static int is_noncharacter(const char *c)
{
	return strncmp(c, "\xef\xbf\xbe", 3) == 0 || strncmp(c, "\xef\xbf\xbf", 3) == 0;
}

/* `length` bytes of `text`, which has no newline in them. */
static void write_text(FILE *out, const char *text, size_t length, int markup)
{
	char *part = strndup(text, length), *escaped = text_escape(part ? part : "");

	for (const char *c = escaped; *c; c++) {
		const char *entity = !markup     ? NULL
				     : *c == '&' ? "&amp;"
				     : *c == '<' ? "&lt;"
				     : *c == '>' ? "&gt;"
				     : *c == '"' ? "&quot;"
						 : NULL;
		if (entity) {
			fputs(entity, out);
		} else if (is_noncharacter(c)) {
			fprintf(out, "\\xef\\xbf\\x%02x", (unsigned char)c[2]);
			c += 2;
		} else if (!markup && strncmp(c, "]]>", 3) == 0) {
			fputs("]]]]><![CDATA[>", out);
			c += 2;
		} else {
			putc(*c, out);
		}
	}
	free(part);
	free(escaped);
}

static void write_lines(FILE *out, const char *text, int markup)
{
	for (;;) {
		size_t length = strcspn(text, "\n");
		write_text(out, text, length, markup);
		if (text[length] == '\0')
			return;
		putc('\n', out);
		text += length + 1;
	}
}

void xml_text(FILE *out, const char *text)
{
	write_text(out, text, strlen(text), 1);
}

void xml_lines(FILE *out, const char *text)
{
	write_lines(out, text, 1);
}

void xml_cdata(FILE *out, const char *text)
{
	fputs("<![CDATA[", out);
	write_lines(out, text, 0);
	fputs("]]>", out);
}

void xml_attribute(FILE *out, const char *name, const char *value)
{
	fprintf(out, " %s=\"", name);
	xml_text(out, value);
	putc('"', out);
}

void xml_element(FILE *out, const char *name, const char *value)
{
	fprintf(out, "<%s>", name);
	xml_text(out, value);
	fprintf(out, "</%s>", name);
}
