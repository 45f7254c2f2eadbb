/* The terminal as a screen: drawn over and over, with keys, and left as it was found. */
#ifndef LEAK_SCREEN_H
#define LEAK_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What screen_wait returns beside keys. */
enum screen_event {
	SCREEN_TIMEOUT = -1,
	SCREEN_REDRAW = -2, /* the size changed, or the program was stopped and goes on */
	SCREEN_READY = -3,  /* the descriptor is readable */
};

/* Goes over to the alternate screen of the terminal at standard output; keys come from standard
 * input where that is a terminal. The terminal is set back by screen_close, when the program exits,
 * when SIGINT, SIGTERM, SIGQUIT or SIGHUP ends it, and while SIGTSTP stops it. */
void screen_open(void);
void screen_close(void);

/* Lines and columns of the terminal at standard output, at least 1; 24 and 80 when it does not
 * say. */
void screen_size(int *ret_lines, int *ret_columns);

/* Draws the lines of `text` over what was there, as many as fit. */
void screen_draw(const char *text);

/* Waits until `until_ns` of CLOCK_MONOTONIC, for ever with UINT64_MAX. Returns a key, or an enum
 * screen_event. `fd`: -1 for none. */
int screen_wait(uint64_t until_ns, int fd);

#endif
