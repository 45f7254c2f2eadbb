/*
 * Gets the stacks of a core's threads into the model. Called by load_core.c. The unwinding is done
 * by a child process, because its input, the core and the files that the core names, may be
 * anybody's: a library that crashes on it, or goes round and round, costs the stacks that are left
 * and not the report. The child may take a minute.
 */
#define _GNU_SOURCE
#include "core_threads.h"

#include "clock.h"
#include "core_unwind.h"
#include "memory.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECONDS_MAX 60
#define FRAMES_MAX 200000u        /* of one thread: 8 MiB of stack in frames of 42 bytes */
#define FRAMES_ALL_MAX (1u << 22) /* of all threads: 100 MB in the model */
#define RECORDS 512               /* read at once */

/* What reading carries around. */
struct reading {
	struct core_facts *facts;
	struct model *model;
	const struct core_file *core;
	const struct core_modules *modules;
	uint64_t run_start_realtime_ns;
	uint32_t *model_modules;     /* by module, 0: not asked for yet */
	struct unwind_record *stack; /* of the thread that is being read, innermost first */
	size_t depth, depth_capacity, all_frames;
	size_t thread; /* the one whose frames come next */
};

/* ---- frames ---- */

/* A name in a core has " (deleted)" behind it when the file was gone. */
static const char *module_path(struct model *model, const char *path)
{
	static const char deleted[] = " (deleted)";
	size_t length = strlen(path), tail = sizeof(deleted) - 1;

	if (length <= tail || strcmp(path + length - tail, deleted) != 0)
		return path;
	char *shorter = memory_copy(path);
	shorter[length - tail] = '\0';
	path = model_string(model, shorter);
	free(shorter);
	return path;
}

static uint32_t module_number(struct reading *reading, const struct core_module *module)
{
	size_t index = (size_t)(module - reading->modules->all);

	if (reading->model_modules[index] == 0)
		reading->model_modules[index] = model_module(reading->model,
			module_path(reading->model, module->path), module->build_id,
			module->build_id_size, module->executable, reading->run_start_realtime_ns);
	return reading->model_modules[index];
}

static uint32_t add_frame(
	struct reading *reading, uint32_t parent, const struct unwind_record *record, uint32_t more)
{
	/* A call may be the last instruction of a module. */
	bool exact = record->flags & UNWIND_EXACT;
	const struct core_module *module =
		core_modules_at(reading->modules, record->address - !exact);

	return model_frame(reading->model, parent, module ? module_number(reading, module) : 0,
		record->address - (module ? module->bias : 0), (exact ? FRAME_EXACT : 0) | more);
}

/* Gives the frames that were read to the thread they are of. */
static void end_thread(struct reading *reading, uint32_t flags)
{
	struct last_thread *thread = &reading->facts->threads[reading->thread];
	const uint32_t outermost = flags & UNWIND_CUT       ? FRAME_TRUNCATED
				   : flags & UNWIND_PARTIAL ? FRAME_PARTIAL
							    : 0;

	thread->frame_count = reading->depth;
	thread->stack_pointers = memory_zero(reading->depth, sizeof(*thread->stack_pointers));
	for (size_t i = 0; i < reading->depth; i++)
		thread->stack_pointers[i] = reading->stack[i].stack_pointer;
	for (size_t i = reading->depth; i-- > 0;)
		thread->frame = add_frame(reading, thread->frame, &reading->stack[i],
			i + 1 == reading->depth ? outermost : 0);
	reading->depth = 0;
	reading->thread++;
}

/* False when the record cannot be from our child in its right mind, or there are too many. */
static bool take_record(struct reading *reading, const struct unwind_record *record)
{
	if (record->thread != reading->thread || reading->thread >= reading->facts->thread_count)
		return false;
	if (record->flags & (UNWIND_END | UNWIND_PARTIAL | UNWIND_CUT)) {
		end_thread(reading, record->flags);
		return true;
	}
	if (reading->depth >= FRAMES_MAX || reading->all_frames >= FRAMES_ALL_MAX)
		return false;
	reading->all_frames++;
	reading->stack = memory_grow(reading->stack, &reading->depth_capacity, reading->depth + 1,
		sizeof(*reading->stack));
	reading->stack[reading->depth++] = *record;
	return true;
}

/* Where it was is all that is known of a thread that was not unwound. */
static void end_unwound_threads(struct reading *reading)
{
	while (reading->thread < reading->facts->thread_count) {
		const struct core_thread *thread = &reading->core->threads[reading->thread];
		if (reading->depth == 0 && (thread->ip || thread->sp))
			take_record(reading,
				&(struct unwind_record){.thread = (uint32_t)reading->thread,
					.flags = UNWIND_EXACT,
					.address = thread->ip});
		end_thread(reading, UNWIND_PARTIAL);
	}
}

/* ---- the child ---- */

static void limit(int resource, rlim_t most)
{
	struct rlimit now;

	if (getrlimit(resource, &now) == 0 && now.rlim_cur > most) {
		now.rlim_cur = most;
		setrlimit(resource, &now);
	}
}

_Noreturn static void run_child(const struct core_file *core, const struct core_modules *modules,
	const struct symbol_search *search, int out)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_DFL);
	limit(RLIMIT_CPU, SECONDS_MAX);
	limit(RLIMIT_CORE, 0);
	/* libdw asks debuginfod whenever this is set; only the user's word may do that. */
	if (!search->debuginfod)
		unsetenv("DEBUGINFOD_URLS");
	core_unwind(core, modules, search, FRAMES_MAX, out);
	_exit(0);
}

/* Takes what comes until the child closes its end. Returns why it stopped, NULL: all came. */
static const char *read_all(struct reading *reading, int in)
{
	struct unwind_record records[RECORDS];
	const uint64_t deadline = clock_monotonic_ns() / 1000000 + SECONDS_MAX * 1000;
	size_t have = 0;

	for (;;) {
		const uint64_t now = clock_monotonic_ns() / 1000000;
		struct pollfd ready = {.fd = in, .events = POLLIN};
		if (now >= deadline || poll(&ready, 1, (int)(deadline - now)) == 0)
			return "it took too long";
		ssize_t got = read(in, (char *)records + have, sizeof(records) - have);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return reading->thread < reading->facts->thread_count
				       ? "the unwinder did not survive it"
				       : NULL;
		have += (size_t)got;
		size_t whole = have / sizeof(records[0]);
		for (size_t i = 0; i < whole; i++)
			if (!take_record(reading, &records[i]))
				return "there are too many frames, or wrong ones";
		have -= whole * sizeof(records[0]);
		memmove(records, &records[whole], have);
	}
}

/* Unwinds what it can; returns why not all, NULL: all. */
static const char *unwind(struct reading *reading, const struct symbol_search *search)
{
	int ends[2];

	if (pipe(ends) < 0)
		return "no pipe could be made";
	fflush(NULL); /* nothing is to be printed twice */
	pid_t child = fork();
	if (child == 0) {
		close(ends[0]);
		run_child(reading->core, reading->modules, search, ends[1]);
	}
	close(ends[1]);
	const char *trouble =
		child < 0 ? "no process could be started for it" : read_all(reading, ends[0]);
	close(ends[0]);
	if (child > 0) {
		kill(child, SIGKILL);
		while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
			;
	}
	return trouble;
}

void core_threads_read(struct core_facts *facts, struct model *model, const struct core_file *core,
	const struct core_modules *modules, const struct symbol_search *search,
	uint64_t run_start_realtime_ns)
{
	struct reading reading = {.facts = facts,
		.model = model,
		.core = core,
		.modules = modules,
		.run_start_realtime_ns = run_start_realtime_ns,
		.model_modules = memory_zero(modules->count, sizeof(uint32_t))};

	facts->thread_count = core->thread_count;
	facts->threads = memory_zero(core->thread_count, sizeof(*facts->threads));
	for (size_t i = 0; i < core->thread_count; i++)
		facts->threads[i].tid = core->threads[i].tid;
	/* Linux writes the signal down for each thread. */
	if (core->thread_count)
		facts->threads[0].signal = core->signal;
	if (core->thread_count)
		facts->stacks_trouble = unwind(&reading, search);
	end_unwound_threads(&reading);
	free(reading.model_modules);
	free(reading.stack);
}
