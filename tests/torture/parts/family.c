/*
 * A family of processes for the family tests: while eight threads allocate (kill_workers.h), the
 * parent makes 200 children in every way there is, a dozen of them at a time. They allocate, free
 * what they inherited, have children of their own, execute themselves, go to the background, or are
 * killed, and tell of what they leave in a struct family_log.
 */
#define _GNU_SOURCE
#include "family_log.h"
#include "kill_workers.h"
#include "preload/image_format.h"

#include <spawn.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static struct family_log *family;

enum { IN_FLIGHT = 12, INHERITED = 6, CHURN = 300, STATUS = 3 };

/* Of the parent, for children to free. */
static void *inherited[INHERITED];

/* ---- what a member does ---- */

#define MEMBER __attribute__((noinline, noclone, section("family_code")))

MEMBER static void leave_block(uint32_t number)
{
	void *volatile left = malloc(FAMILY_SIZE(number));

	(void)left;
}

MEMBER static void leave_resized(void *block, uint32_t number)
{
	void *volatile left = realloc(block, FAMILY_SIZE(number));

	(void)left;
}

static void work(uint32_t number, bool forked, uint32_t state)
{
	struct family_member *self = &family->member[number];
	uint32_t frees = forked ? number % INHERITED : 0;

	self->blocks = 1 + number % 17;
	self->state = state;
	self->forked = forked;
	for (uint32_t i = 0; i < self->blocks; i++)
		leave_block(number);
	for (unsigned i = 0; i < CHURN; i++) {
		void *volatile block = malloc(1 + i * 7 % 2000);

		free(block);
	}
	for (uint32_t i = 0; i < frees; i++)
		free(inherited[i]);
	if (forked) {
		leave_resized(inherited[frees], number);
		self->blocks++;
		self->inherited_frees = frees + 1;
	}
	atomic_store(&self->ppid, (uint32_t)getppid());
	atomic_store(&self->pid, (uint32_t)getpid());
}

static void end(uint32_t number)
{
	if (number & 1)
		exit(STATUS);
	_exit(STATUS);
}

/* Runs this program as another member: "job" ends, "chain" executes the next `left` members. */
static void arguments_of(char *room, char **arguments, const char *what, uint32_t number,
	uint32_t left)
{
	snprintf(room, 64, "%u", number);
	snprintf(room + 64, 64, "%u", left);
	arguments[0] = "family";
	arguments[1] = (char *)what;
	arguments[2] = room;
	arguments[3] = room + 64;
	arguments[4] = NULL;
}

static void execute(const char *what, uint32_t number, uint32_t left)
{
	char room[128], *arguments[5];

	arguments_of(room, arguments, what, number, left);
	execv("/proc/self/exe", arguments);
	_exit(98);
}

/* ---- ways of having children; each returns the pid to wait for ---- */

static uint32_t take_numbers(uint32_t count)
{
	return atomic_fetch_add(&family->members, count);
}

/* In the parent and in the child, as fork: by the bare system call. */
static pid_t clone_bare(void)
{
	return (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
}

static pid_t by_fork(void)
{
	uint32_t number = take_numbers(1);
	pid_t child = fork();

	if (child == 0) {
		work(number, true, IMAGE_CLEAN);
		end(number);
	}
	return child;
}

static pid_t by_clone(void)
{
	uint32_t number = take_numbers(1);
	pid_t child = clone_bare();

	if (child == 0) {
		work(number, true, IMAGE_CLEAN);
		end(number);
	}
	return child;
}

static pid_t by_bare_fork(void)
{
	uint32_t number = take_numbers(1);
	pid_t child = _Fork();

	if (child == 0) {
		work(number, true, IMAGE_CLEAN);
		end(number);
	}
	return child;
}

/* A child that has two children itself, one by each way. Their blocks are theirs alone. */
static pid_t with_grandchildren(void)
{
	uint32_t number = take_numbers(3);
	pid_t child = fork(), first, second;

	if (child != 0)
		return child;
	first = fork();
	if (first == 0) {
		work(number + 1, true, IMAGE_CLEAN);
		end(number);
	}
	work(number, true, IMAGE_CLEAN);
	second = clone_bare();
	if (second == 0) {
		/* What its parent has freed is not its to free. */
		struct family_member *self = &family->member[number + 2];

		self->blocks = 1;
		self->state = IMAGE_CLEAN;
		self->forked = 1;
		leave_block(number + 2);
		atomic_store(&self->ppid, (uint32_t)getppid());
		atomic_store(&self->pid, (uint32_t)getpid());
		end(number + 1);
	}
	waitpid(first, NULL, 0);
	waitpid(second, NULL, 0);
	end(number);
	return -1;
}

static pid_t by_vfork(void)
{
	uint32_t number = take_numbers(1);
	char room[128], *arguments[5];

	arguments_of(room, arguments, "job", number, 0);
	pid_t child = vfork();
	if (child == 0) {
		execv("/proc/self/exe", arguments);
		_exit(98);
	}
	return child;
}

static pid_t by_spawn(void)
{
	uint32_t number = take_numbers(1);
	char room[128], *arguments[5];
	pid_t child = -1;

	arguments_of(room, arguments, "job", number, 0);
	if (posix_spawn(&child, "/proc/self/exe", NULL, NULL, arguments, environ) != 0)
		return -1;
	return child;
}

/* Forks twice, so that it is nobody's child; begins when the parent is gone. */
static pid_t daemon_of(void)
{
	uint32_t number = take_numbers(1);
	pid_t child = fork();

	if (child != 0)
		return child;
	setsid();
	if (fork() != 0)
		_exit(STATUS);
	while (!atomic_load(&family->go))
		nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
	work(number, true, IMAGE_CLEAN);
	end(number);
	return -1;
}

/* A child that becomes three programs one after the other, and leaves blocks in each. */
static pid_t by_exec_chain(void)
{
	uint32_t number = take_numbers(4);
	pid_t child = fork();

	if (child == 0) {
		work(number, true, IMAGE_EXEC);
		execute("chain", number + 1, 2);
	}
	return child;
}

static pid_t killed(void)
{
	uint32_t number = take_numbers(1);
	pid_t child = fork();

	if (child == 0) {
		work(number, true, IMAGE_RUNNING);
		kill(getpid(), SIGKILL);
	}
	return child;
}

/* A child without an event of its own leaves no image, but the program that it becomes does. */
static pid_t only_exec(void)
{
	uint32_t number = take_numbers(1);
	pid_t child = clone_bare();

	if (child == 0)
		execute("job", number, 0);
	return child;
}

static pid_t (*const ways[])(void) = {by_fork, by_clone, by_bare_fork, with_grandchildren, by_vfork,
	by_spawn, daemon_of, by_exec_chain, killed, only_exec};

/* ---- the parent ---- */

static int wait_for_one(void)
{
	int status;

	if (waitpid(-1, &status, 0) < 0)
		return 0;
	return (WIFEXITED(status) && WEXITSTATUS(status) == STATUS) ||
	       (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static int have_children(void)
{
	unsigned in_flight = 0;

	for (unsigned i = 0; i < FAMILY_CHILDREN; i++) {
		if (in_flight == IN_FLIGHT && in_flight-- && !wait_for_one())
			return 0;
		if (ways[i % (sizeof(ways) / sizeof(ways[0]))]() < 0)
			return 0;
		in_flight++;
	}
	while (in_flight--)
		if (!wait_for_one())
			return 0;
	return 1;
}

static void *work_on(void *self)
{
	/* worker() ends by itself now and then. */
	while (!atomic_load(&told->die))
		worker(self);
	return NULL;
}

static int parent(void)
{
	extern char __start_family_code[], __stop_family_code[];
	int well;

	/* The parent's arena is its own: a bare clone may happen at any time, and then nobody else
	 * may hold its lock. */
	mallopt(M_ARENA_MAX, 4 * KILL_THREADS);
	family->code = (uint64_t)(uintptr_t)__start_family_code;
	family->code_end = (uint64_t)(uintptr_t)__stop_family_code;
	for (unsigned i = 0; i < INHERITED; i++)
		inherited[i] = malloc(100 + i);
	workers_prepare(&family->parent);
	atomic_store(&told->in_main, 1);
	for (unsigned i = 0; i < KILL_THREADS; i++)
		pthread_create(&workers[i].thread, NULL, work_on, &workers[i]);
	while (atomic_load(&told->started) < KILL_THREADS)
		nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
	well = have_children();
	told->die_thread = KILL_ALL_THREADS;
	atomic_store(&told->die, 1);
	for (unsigned i = 0; i < KILL_THREADS; i++)
		pthread_join(workers[i].thread, NULL);
	return well ? 0 : 96;
}

int main(int argc, char **argv)
{
	uint32_t number = argc > 3 ? (uint32_t)atoi(argv[2]) : 0, left = argc > 3 ? atoi(argv[3]) : 0;

	family = mmap(NULL, sizeof(*family), PROT_READ | PROT_WRITE, MAP_SHARED, FAMILY_LOG_FD, 0);
	if (family == MAP_FAILED)
		return 95;
	if (argc < 4)
		return parent();
	work(number, false, left ? IMAGE_EXEC : IMAGE_CLEAN);
	if (left)
		execute("chain", number + 1, left - 1);
	return STATUS;
}
