/* Which request fails, see faults.h. Only in a build with FAULTS=1. */
#include <stdatomic.h>
#include <stdint.h>

#include "preload/faults.h"
#include "preload/process.h"
#include "preload/sys.h"

static uint64_t wanted; /* 0: none */
static bool and_all_later;
static bool known;
static const char *fired_path; /* LEAK_FAULT_FIRED: a file that is made when a request fails */
static _Atomic uint64_t count;

/* The first request is made at start-up, by one thread. */
static void read_environment(void)
{
	const char *at = process_variable("LEAK_FAULT");

	known = true;
	fired_path = process_variable("LEAK_FAULT_FIRED");
	if (!at)
		return;
	for (; *at >= '0' && *at <= '9'; at++)
		wanted = wanted * 10 + (uint64_t)(*at - '0');
	and_all_later = *at == '+';
}

bool fault_here(void)
{
	uint64_t number;
	long fd;

	if (!known)
		read_environment();
	number = atomic_fetch_add(&count, 1) + 1;
	if (!wanted || number < wanted || (number > wanted && !and_all_later))
		return false;
	if (number == wanted && fired_path) {
		fd = sys_open(fired_path, O_WRONLY | O_CREAT, 0600);
		if (!sys_failed(fd))
			sys_close((int)fd);
	}
	return true;
}
