// A process that is single-threaded may enter a user namespace: the recorder adds no thread.
// pitfall: P18
// expect: state=clean
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <stdlib.h>

int main(void)
{
	void *volatile block = malloc(10);

	/* EPERM and ENOSPC are the machine's policy; EINVAL would mean a second thread. */
	return (unshare(CLONE_NEWUSER) != 0 && errno == EINVAL) || block == NULL;
}
