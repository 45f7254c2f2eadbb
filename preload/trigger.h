/*
 * When the image is marked or ended without the program asking: on a signal, at an interval, on a
 * crash. All of it is off unless an option asks for it.
 */
#ifndef LEAK_TRIGGER_H
#define LEAK_TRIGGER_H

#include <stdint.h>

/* Installs what the options ask for. `handlers` is false in a forked child, which inherits them. */
void trigger_start(int handlers);

/* The moment for the next snapshot of interval= has come. Any thread. */
void trigger_tick(uint64_t moment);

#endif
