/* The page of the HTML report: what is in page/, put together when leak is built, and its parts. */
#ifndef LEAK_RENDER_PAGE_H
#define LEAK_RENDER_PAGE_H

#include <stddef.h>
#include <stdio.h>

struct render_page {
	char *title; /* any text */
	char *text;  /* the report for people, for where no script runs */
	size_t text_size;
	char *data; /* what the page's script reads */
	size_t data_size;
};

/* Writes the page with these parts in their places. Errors stay in the stream. */
void render_page_write(const struct render_page *page, FILE *out);

#endif
