/* The bodies of leak.h. */
#define LEAK_API /* here they are not weak */
#include "preload/leak.h"
#include "preload/epochs.h"
#include "preload/hook.h"
#include "preload/live.h"
#include "preload/stacks.h"
#include "preload/threads.h"
#include "preload/track.h"

EXPORT unsigned leak_snapshot(const char *label)
{
	return enter() == RECORD ? epochs_add(EPOCH_SNAPSHOT, label) : 0;
}

EXPORT unsigned leak_mark(const char *label)
{
	return enter() == RECORD ? epochs_add(EPOCH_MARK, label) : 0;
}

EXPORT void leak_disable(void)
{
	if (enter() == RECORD)
		thread_disable(1);
}

EXPORT void leak_enable(void)
{
	if (enter() == RECORD)
		thread_disable(-1);
}

EXPORT void leak_ignore(const void *block)
{
	if (enter() == RECORD)
		live_ignore(SPACE_HEAP, (uintptr_t)block, SITE_IGNORED);
}

EXPORT void leak_name_thread(const char *name)
{
	if (enter() == RECORD)
		thread_set_name(name);
}

EXPORT void leak_pool_alloc(const void *block, size_t size)
{
	if (enter() == RECORD && block)
		track_pool_alloc(block, size, FRAME);
}

EXPORT void leak_pool_free(const void *block)
{
	if (enter() == RECORD && block)
		track_pool_free(block);
}
