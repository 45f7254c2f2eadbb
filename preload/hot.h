/*
 * The one word that every hook looks at first. It lies in a page that the kernel wipes in a forked
 * child (MADV_WIPEONFORK, also for raw clone; not for vfork, whose child shares our memory), and it
 * is zero before anything of ours works. So one comparison, without a relocation, tells "record"
 * from "not yet", "never" and "we are a new process".
 */
#ifndef LEAK_HOT_H
#define LEAK_HOT_H

#include <stdint.h>

#include "preload/arch.h"

enum hot_state {
	HOT_COLD = 0,     /* not relocated, not started, or a forked child that did not start yet */
	HOT_STARTING = 1, /* some thread is starting the recorder: pass events through */
	HOT_READY = 2,    /* record */
	HOT_OFF = 3,      /* never record in this process: pass events through */
};

union hot_page {
	struct {
		uint32_t state;       /* enum hot_state */
		uint32_t unloads;     /* libraries that were unloaded so far, see modules.h */
		uint64_t slot_moment; /* the present moment, where a slot of the index has it */
		int64_t second;       /* the wall clock's when slot_moment was set, see clock.h */
		uint64_t tick_moment; /* when interval= wants a snapshot; UINT64_MAX never */
	};
	char page[ARCH_PAGE_MAX];
};

extern union hot_page hot __attribute__((visibility("hidden")));

#endif
