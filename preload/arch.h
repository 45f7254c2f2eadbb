/* What is particular to the machine: one header for each that the recorder knows. */
#ifndef LEAK_ARCH_H
#define LEAK_ARCH_H

#if defined(__x86_64__)
#include "preload/arch_x86_64.h"
#elif defined(__aarch64__)
#include "preload/arch_aarch64.h"
#else
#error "libleak knows x86-64 and AArch64; another machine needs its arch_*.h, step_*.h and step_*.c"
#endif

#endif
