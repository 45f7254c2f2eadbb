/* The sandbox of the process, see sandbox.h. A forked child inherits it, and this. */
#include <stdatomic.h>

#include "preload/sandbox.h"
#include "preload/sys.h"

static atomic_bool entered, answers;
static _Atomic uint64_t address_space;

bool sandbox_entered(void)
{
	return atomic_load_explicit(&entered, memory_order_acquire);
}

bool sandbox_may_kill(void)
{
	return sandbox_entered() && !atomic_load_explicit(&answers, memory_order_relaxed);
}

void sandbox_heard(long ret)
{
	if (sandbox_entered() && (ret == -EPERM || ret == -EACCES || ret == -ENOSYS))
		atomic_store_explicit(&answers, true, memory_order_relaxed);
}

void sandbox_note(bool enters)
{
	if (enters)
		atomic_store(&address_space, sys_limit(RLIMIT_AS));
	atomic_store_explicit(&entered, enters, memory_order_release);
}

uint64_t sandbox_address_space(void)
{
	return sandbox_entered() ? atomic_load(&address_space) : sys_limit(RLIMIT_AS);
}
