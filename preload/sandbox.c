/* What sandbox the program is in, see sandbox.h. Called by the hook of prctl. */
#include <linux/seccomp.h>

#include "preload/sandbox.h"

_Atomic uint32_t sandbox_state;

void sandbox_note(int option, unsigned long value)
{
	if (option == PR_SET_SECCOMP && value == SECCOMP_MODE_STRICT)
		atomic_store(&sandbox_state, SANDBOX_STRICT);
	else if (option == PR_SET_SECCOMP || option == PR_SET_NO_NEW_PRIVS)
		atomic_store(&sandbox_state, SANDBOX_FILTER);
}
