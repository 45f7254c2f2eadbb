/*
 * The kernel's trampoline, through which a signal handler returns, where it belongs to no object:
 * an emulator that has no vDSO (qemu-user before 8.2) puts it into a page of its own.
 */
#ifndef LEAK_TRAMPOLINE_H
#define LEAK_TRAMPOLINE_H

#include <stdint.h>

/* 0: it is in the vDSO, or in a library. */
extern uintptr_t trampoline __attribute__((visibility("hidden")));

/* Looks for it. Start-up, once, after process_read. */
void trampoline_find(void);

#endif
