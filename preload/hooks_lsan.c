/*
 * LeakSanitizer's interface (sanitizer/lsan_interface.h), for programs that are annotated for it.
 * Where LeakSanitizer itself is in the process, it is told, too.
 */
#include <errno.h>

#include "preload/check.h"
#include "preload/hook.h"
#include "preload/init.h"
#include "preload/live.h"
#include "preload/real.h"
#include "preload/root_regions.h"
#include "preload/stacks.h"
#include "preload/summary.h"
#include "preload/text.h"
#include "preload/threads.h"

EXPORT void __lsan_disable(void)
{
	if (enter() == RECORD)
		thread_disable(1);
	if (real.__lsan_disable)
		real.__lsan_disable();
}

EXPORT void __lsan_enable(void)
{
	if (enter() == RECORD)
		thread_disable(-1);
	if (real.__lsan_enable)
		real.__lsan_enable();
}

/* The block that the pointer is in, not only the one that it is the start of. */
EXPORT void __lsan_ignore_object(const void *object)
{
	uintptr_t start;

	if (enter() == RECORD && live_find_around((uintptr_t)object, &start))
		live_ignore(SPACE_HEAP, start, SITE_IGNORED);
	if (real.__lsan_ignore_object)
		real.__lsan_ignore_object(object);
}

EXPORT void __lsan_register_root_region(const void *start, size_t size)
{
	if (enter() == RECORD)
		root_regions_add((uintptr_t)start, size);
	if (real.__lsan_register_root_region)
		real.__lsan_register_root_region(start, size);
}

EXPORT void __lsan_unregister_root_region(const void *start, size_t size)
{
	if (enter() == RECORD)
		root_regions_remove((uintptr_t)start, size);
	if (real.__lsan_unregister_root_region)
		real.__lsan_unregister_root_region(start, size);
}

static void print(const struct image_check *check)
{
	TEXT_STATIC(t, 1024 + 512);

	summary_begin(&t);
	summary_of_rest(&t, 0, check->classes[BLOCK_DEFINITE].blocks, check);
	summary_where(&t);
	text_print(&t);
}

/* Checks; true, and one line on stderr, when there are lost blocks. */
static bool has_lost_blocks(void)
{
	int saved = errno;
	const struct image_check *check = enter() == RECORD ? check_here() : NULL;
	bool lost = check && check->classes[BLOCK_DEFINITE].blocks > 0;

	if (lost)
		print(check);
	errno = saved;
	return lost;
}

#define LOST_STATUS 23 /* LeakSanitizer's */

/* As the interface says, the process ends when there are. */
EXPORT void __lsan_do_leak_check(void)
{
	if (has_lost_blocks()) {
		init_end(IMAGE_CLEAN, LOST_STATUS);
		for (;;)
			sys_call1(SYS_exit_group, LOST_STATUS);
	}
	if (real.__lsan_do_leak_check)
		real.__lsan_do_leak_check();
}

EXPORT int __lsan_do_recoverable_leak_check(void)
{
	bool lost = has_lost_blocks();

	return (real.__lsan_do_recoverable_leak_check && real.__lsan_do_recoverable_leak_check()) ||
	       lost;
}
