/* Pieces of XML 1.0 in UTF-8. What XML cannot hold comes out as \xNN. */
#ifndef LEAK_RENDER_XML_H
#define LEAK_RENDER_XML_H

#include <stdio.h>

/* Text of an element or an attribute. A newline in it comes out as \x0a. */
void xml_text(FILE *out, const char *text);

/* The same for text whose newlines are meant. */
void xml_lines(FILE *out, const char *text);

/* A CDATA section with lines. */
void xml_cdata(FILE *out, const char *text);

/* ` name="value"`. */
void xml_attribute(FILE *out, const char *name, const char *value);

/* `<name>value</name>`, nothing around it. */
void xml_element(FILE *out, const char *name, const char *value);

#endif
