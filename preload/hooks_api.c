/* The bodies of leak.h. */
#define LEAK_API /* here they are not weak */
#include "preload/leak.h"

#include <errno.h>

#include "preload/check.h"
#include "preload/epochs.h"
#include "preload/hook.h"
#include "preload/image.h"
#include "preload/live.h"
#include "preload/options.h"
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

/* What is not in the tables may have been lost. */
static bool is_complete(void)
{
	return options.classes && image->lost[LOST_DROPPED_EVENTS] == 0;
}

static struct leak_amount amount_of(const struct check_since *since, enum reach_class class)
{
	return (struct leak_amount){
		.bytes = since->classes[class].bytes, .blocks = since->classes[class].blocks};
}

EXPORT int leak_check_since(unsigned mark, struct leak_since *ret)
{
	int saved = errno;
	struct check_since since = {0};
	bool known = enter() == RECORD && is_complete() &&
		     epochs_moment_of_mark(mark, &since.moment) && check_here_since(&since);

	if (ret && !known) {
		*ret = (struct leak_since){0};
	} else if (ret) {
		*ret = (struct leak_since){.lost = amount_of(&since, REACH_DEFINITE),
			.indirect = amount_of(&since, REACH_INDIRECT),
			.possible = amount_of(&since, REACH_POSSIBLE),
			.live = {.bytes = since.live.bytes, .blocks = since.live.blocks}};
	}
	errno = saved;
	return !known ? -1 : since.classes[REACH_DEFINITE].blocks > 0;
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
