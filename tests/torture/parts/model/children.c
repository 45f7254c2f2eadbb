#define _GNU_SOURCE
#include "children.h"
#include "blocks.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHILD_BLOCKS 24

/* Its own blocks, and some of those that it inherited, which it may free as its parent could. The
 * parent's thread waits meanwhile; the log is shared and stays as it is. */
static _Noreturn void be_child(struct worker *self, struct model_child *told_child, uint32_t number)
{
	struct model_block blocks[CHILD_BLOCKS] = {{0}};
	uint64_t random = self->random ^ number;

	told_child->pid = getpid();
	for (uint32_t i = 0; i < 200; i++) {
		struct model_block *block = &blocks[next_random(&random) % CHILD_BLOCKS];

		if (block->address && (!block_can_resize(block) || next_random(&random) & 1))
			block_release(block, &random);
		else
			act_in_child(block, &random);
	}
	for (uint32_t i = 0; i < self->count; i += 3) {
		struct model_block inherited = told->blocks[self->entries[i]];

		if (!inherited.address)
			continue;
		block_release(&inherited, &random);
		told_child->inherited_frees++;
	}
	for (uint32_t i = 0; i < CHILD_BLOCKS; i++) {
		if (!blocks[i].address)
			continue;
		block_check(&blocks[i]);
		told_child->blocks++;
		told_child->bytes += blocks[i].size;
	}
	told_child->done = 1;
	/* Not while another thread may have held the list of what exit calls, as dlclose does. */
	if (number % 3 == 0 && !told->plugins)
		exit(0);
	if (number % 3 == 1)
		_exit(0);
	kill(getpid(), SIGKILL);
	_exit(1);
}

void children_fork(struct worker *self)
{
	uint32_t number = atomic_fetch_add(&told->children_made, 1);
	int status, ret;
	pid_t pid;

	if (number >= told->forks || number >= MODEL_CHILDREN) {
		atomic_fetch_sub(&told->children_made, 1);
		return;
	}
	in_allocator++;
	pid = fork();
	if (pid == 0)
		be_child(self, &told->children[number], number);
	in_allocator--;
	if (pid < 0)
		wrong("fork: %s", strerror(errno));
	do
		ret = waitpid(pid, &status, 0);
	while (ret < 0 && errno == EINTR);
	if (ret != pid || !(WIFEXITED(status) ? WEXITSTATUS(status) == 0
					      : WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL))
		wrong("child %u ended with status %#x", number, (unsigned)status);
}
