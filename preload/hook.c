/* What all hooks share, out of line. */
#include <errno.h>

#include "preload/hook.h"
#include "preload/init.h"
#include "preload/real.h"

SLOW enum way hook_wake(void)
{
	if (!init_relocated())
		return EARLY;
	init_start();
	if (hot.state == HOT_READY)
		return RECORD;
	return real.malloc ? PASS : EARLY;
}

SLOW enum way hook_pass(void)
{
	return init_relocated() && real.malloc ? PASS : hook_wake();
}

void *hook_result_of(long ret)
{
	if (!sys_failed(ret))
		return (void *)ret;
	errno = (int)-ret;
	return MAP_FAILED;
}
