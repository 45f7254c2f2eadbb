/*
 * When the image is marked or ended without the program asking: on a signal, at an interval, close
 * to a limit, on a crash. All of it is off unless an option asks for it.
 */
#ifndef LEAK_TRIGGER_H
#define LEAK_TRIGGER_H

#include <stdint.h>

/* Installs what the options ask for. `handlers` is false in a forked child, which inherits them. */
void trigger_start(int handlers);

/* A second has passed since this was last called, or about: notes the moment, takes the snapshot of
 * interval= when it is due, and looks at the limits with limit=. Any thread, in an event, before
 * anything is recorded. */
void trigger_second(void);

#endif
