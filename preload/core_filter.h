/*
 * core=1: what the kernel puts into a core file.
 */
#ifndef LEAK_CORE_FILTER_H
#define LEAK_CORE_FILTER_H

/* Makes file-backed shared mappings, which the image is, part of this process's core files, if they
 * are not. The first start of a process, once; silent when /proc is not there or refuses. */
void core_filter_start(void);

#endif
