/*
 * Runs the victim of the kill tests again and again under the recorder, ends it at a random
 *instant, and compares the image it leaves with what it told of itself. Called by the kill_*.sh
 *tests:
 *
 *	kill_harness LIBRARY VICTIM WAY COUNT [CGROUP]
 *
 * The image of the last run is left as victim.leak, or that of the run that failed. CGROUP is the
 * directory of a memory cgroup, for the ways in which memory ends.
 */
#include "tests/torture/parts/kill_verify.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define IMAGE "victim.leak"
#define PATIENCE_NS 60000000000u
#define FULL_SWING_NS 40000000u /* up to so long after all threads run */
#define HELD_NS 3000000u        /* up to so long is one of them held */

/* What makes it die. */
enum trigger {
	BY_SIGNAL,    /* ours */
	BY_ITSELF,    /* on demand */
	BY_CGROUP,    /* when its cgroup has no more memory */
	BY_NO_MEMORY, /* our signal, once an allocation has failed for want of address space */
};

struct way {
	const char *name;
	enum trigger trigger;
	enum kill_death death;
	int signal; /* that it dies by, 0: it exits */
	int status;
	uint32_t state; /* of the image */
};

static const struct way ways[] = {
	{"sigkill", BY_SIGNAL, DEATH_BY_OTHERS, SIGKILL, 0, IMAGE_RUNNING},
	{"segv", BY_ITSELF, DEATH_SEGV, SIGSEGV, 0, IMAGE_RUNNING},
	{"bus", BY_ITSELF, DEATH_BUS, SIGBUS, 0, IMAGE_RUNNING},
	{"abort", BY_ITSELF, DEATH_ABORT, SIGABRT, 0, IMAGE_RUNNING},
	{"overflow", BY_ITSELF, DEATH_OVERFLOW, SIGSEGV, 0, IMAGE_RUNNING},
	{"exec", BY_ITSELF, DEATH_EXEC, 0, KILL_STATUS_AFTER_EXEC, IMAGE_EXEC},
	{"exit", BY_ITSELF, DEATH_EXIT, 0, KILL_STATUS_EXIT, IMAGE_CLEAN},
	{"exit_raw", BY_ITSELF, DEATH_EXIT_RAW, 0, KILL_STATUS_EXIT, IMAGE_RUNNING},
	{"cgroup", BY_CGROUP, DEATH_BY_OTHERS, SIGKILL, 0, IMAGE_RUNNING},
	{"no_memory", BY_NO_MEMORY, DEATH_BY_OTHERS, SIGKILL, 0, IMAGE_RUNNING},
};

static const char *library, *victim, *cgroup;
static struct kill_log *told;
static int told_fd;
static uint64_t random_state;
static pid_t victim_pid;
static uint32_t held; /* runs in which a thread was held */

static _Noreturn __attribute__((format(printf, 1, 2))) void fail(const char *format, ...)
{
	va_list arguments;

	if (victim_pid > 0)
		kill(victim_pid, SIGKILL);
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	printf("\n");
	exit(1);
}

static uint64_t random_below(uint64_t limit)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (random_state * 2685821657736338717ull >> 16) % limit;
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void sleep_ns(uint64_t ns)
{
	nanosleep(&(struct timespec){.tv_sec = (time_t)(ns / 1000000000u),
			  .tv_nsec = (long)(ns % 1000000000u)},
		NULL);
}

/* Waits for *word to be at least `value`, or for the victim's end, whose status it keeps in
 * *ret_status. True when it has ended. */
static bool wait_for(const _Atomic uint32_t *word, uint32_t value, int *ret_status)
{
	uint64_t end = now_ns() + PATIENCE_NS;

	while (!word || atomic_load(word) < value) {
		int status;
		pid_t seen = waitpid(-1, &status, WNOHANG | __WALL);

		if (seen == victim_pid && !WIFSTOPPED(status)) {
			*ret_status = status;
			return true;
		}
		if (seen < 0)
			fail("waitpid: %s", strerror(errno));
		if (seen > 0) /* a thread that was held */
			continue;
		if (now_ns() > end)
			fail("the victim hangs");
		sleep_ns(20000);
	}
	return false;
}

static void write_file(const char *name, const char *text)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", cgroup, name);
	file = fopen(path, "w");
	if (!file || fputs(text, file) < 0 || fclose(file) != 0)
		fail("%s: %s", path, strerror(errno));
}

static void limit_cgroup(void)
{
	char text[32], path[4096];

	snprintf(text, sizeof(text), "%" PRIu64,
		(10u << 20) + random_below(24u << 20) / 4096 * 4096);
	snprintf(path, sizeof(path), "%s/memory.max", cgroup);
	write_file(access(path, F_OK) == 0 ? "memory.max" : "memory.limit_in_bytes", text);
}

/* In the child. */
static _Noreturn void become_victim(const struct way *way, uint64_t space_bytes)
{
	const struct rlimit no_core = {0, 0}, space = {space_bytes, space_bytes};
	char *arguments[] = {(char *)victim, NULL};

	if (way->trigger == BY_CGROUP)
		write_file("cgroup.procs", "0");
	if (way->trigger == BY_NO_MEMORY)
		setrlimit(RLIMIT_AS, &space);
	setrlimit(RLIMIT_CORE, &no_core);
	setenv("LD_PRELOAD", library, 1);
	setenv("LEAK_OPTIONS", "output=" IMAGE, 1);
	if (told_fd == KILL_LOG_FD || dup2(told_fd, KILL_LOG_FD) == KILL_LOG_FD)
		execv(victim, arguments);
	_exit(96);
}

static void start(const struct way *way)
{
	uint64_t space_bytes = (64u << 20) + random_below(256u << 20);

	memset(told, 0, sizeof(*told));
	told->death = way->death;
	told->large = way->trigger == BY_CGROUP ? 10 : way->trigger == BY_NO_MEMORY ? 25 : 1;
	told->touch = way->trigger == BY_CGROUP;
	told->seed = (uint32_t)random_below(UINT32_MAX);
	told->die_thread = (uint32_t)random_below(KILL_THREADS);
	unlink(IMAGE);
	if (way->trigger == BY_CGROUP)
		limit_cgroup();
	fflush(stdout);
	victim_pid = fork();
	if (victim_pid < 0)
		fail("fork: %s", strerror(errno));
	if (victim_pid == 0)
		become_victim(way, space_bytes);
}

/* How far the victim had come. */
enum phase { BEFORE_MAIN, STARTING, FULL_SWING, PHASES };

static enum phase phase_now(void)
{
	if (!atomic_load(&told->in_main))
		return BEFORE_MAIN;
	return atomic_load(&told->started) < KILL_THREADS ? STARTING : FULL_SWING;
}

/* Holds a thread of the victim where it is, perhaps in the middle of an event, as a debugger does,
 * while the others go on. False when that is not allowed here, or the thread is gone. */
static bool hold_a_thread(void)
{
	pid_t tid = (pid_t)atomic_load(&told->tids[random_below(KILL_THREADS)]);
	uint64_t end = now_ns() + FULL_SWING_NS;
	int status;

	if (tid == 0 || ptrace(PTRACE_SEIZE, tid, NULL, NULL) < 0)
		return false;
	ptrace(PTRACE_INTERRUPT, tid, NULL, NULL);
	while (waitpid(tid, &status, WNOHANG | __WALL) != tid)
		if (now_ns() > end)
			return false;
	sleep_ns(random_below(HELD_NS));
	return WIFSTOPPED(status);
}

/* Lets it run for a random time and ends it. Three runs of ten end before all threads run, wherever
 * that falls, two while they start; the rest while all are at work, or all but one that is held.
 * Returns its status. */
static int run(const struct way *way, uint32_t number)
{
	static uint64_t full_swing_ns = 20000000; /* how long it took last time to get there */
	uint64_t started = now_ns();
	uint32_t choice = number % 10;
	bool ended = false;
	int status = 0;

	start(way);
	if (way->trigger == BY_CGROUP) {
		wait_for(NULL, 0, &status);
		return status;
	}
	if (way->trigger == BY_NO_MEMORY) {
		ended = wait_for(&told->failed, 1, &status);
		sleep_ns(random_below(4000000));
	} else if (choice < 3 && way->trigger == BY_SIGNAL) {
		sleep_ns(random_below(full_swing_ns));
	} else if (choice < 5) {
		ended = wait_for(&told->in_main, 1, &status);
		sleep_ns(random_below(full_swing_ns / 8));
	} else {
		ended = wait_for(&told->started, KILL_THREADS, &status);
		full_swing_ns = now_ns() - started;
		sleep_ns(random_below(FULL_SWING_NS));
	}
	if (ended)
		fail("the victim ended early, with status %#x", (unsigned)status);
	if (way->trigger == BY_SIGNAL && choice == 9 && hold_a_thread())
		held++;
	if (way->trigger != BY_ITSELF)
		kill(victim_pid, way->signal);
	else if (number & 1)
		atomic_store(&told->die, 1);
	else
		kill(victim_pid, SIGUSR1);
	wait_for(NULL, 0, &status);
	victim_pid = 0;
	return status;
}

static void check_status(const struct way *way, int status)
{
	bool right = way->signal ? WIFSIGNALED(status) && WTERMSIG(status) == way->signal
				 : WIFEXITED(status) && WEXITSTATUS(status) == way->status;

	if (!right)
		fail("the victim ended with status %#x", (unsigned)status);
}

int main(int argc, char **argv)
{
	const struct way *way = NULL;
	uint64_t phases[PHASES] = {0}, blocks = 0, missing = 0, under_way = 0, no_image = 0,
		 events = 0;
	struct kill_found found;
	struct error error;
	long count = argc > 4 ? atol(argv[4]) : 0;

	for (size_t i = 0; argc > 4 && i < sizeof(ways) / sizeof(ways[0]); i++)
		if (strcmp(argv[3], ways[i].name) == 0)
			way = &ways[i];
	if (!way || count <= 0)
		fail("usage: kill_harness LIBRARY VICTIM WAY COUNT [CGROUP]");
	library = argv[1];
	victim = argv[2];
	cgroup = argc > 5 ? argv[5] : NULL;
	told_fd = memfd_create("told", 0);
	if (told_fd < 0 || ftruncate(told_fd, sizeof(*told)) < 0)
		fail("memfd: %s", strerror(errno));
	told = mmap(NULL, sizeof(*told), PROT_READ | PROT_WRITE, MAP_SHARED, told_fd, 0);
	if (told == MAP_FAILED || getrandom(&random_state, sizeof(random_state), 0) < 0)
		fail("mmap: %s", strerror(errno));
	random_state |= 1;

	for (uint32_t number = 0; count > 0; number++) {
		check_status(way, run(way, number));
		enum phase phase = phase_now();
		/* The recorder is there before main is; before that, there may be nothing yet. */
		if (kill_verify(IMAGE, told, way->trigger == BY_NO_MEMORY, &found, &error) < 0) {
			if (phase != BEFORE_MAIN)
				fail("run %u: %s", number, error.text);
			no_image++;
			continue;
		}
		if (found.header.state != way->state && phase != BEFORE_MAIN)
			fail("run %u: the image's state is %u", number, found.header.state);
		phases[phase]++;
		blocks += found.blocks;
		missing += found.missing;
		under_way += found.under_way;
		events += atomic_load(&told->events);
		count--;
	}
	printf("counted: %" PRIu64 " before main (%" PRIu64 " more without image), %" PRIu64
	       " while threads started, %" PRIu64 " in full swing; %" PRIu64 " events, %" PRIu64
	       " blocks compared, %" PRIu64 " counted as dropped, %" PRIu64
	       " events under way, %u with a thread held by a debugger\n",
		phases[BEFORE_MAIN], no_image, phases[STARTING], phases[FULL_SWING], events, blocks,
		missing, under_way, held);
	if (phases[FULL_SWING] == 0 || blocks == 0)
		fail("no run came into full swing");
	return 0;
}
