/*
 * Loads what a core tells besides the image. Called by cmd_model.c behind load_image. Of a process
 * that was not recorded it is all there is.
 */
#define _GNU_SOURCE
#include "load_core.h"

#include "core_file.h"
#include "core_heap.h"
#include "core_map.h"
#include "core_modules.h"
#include "core_threads.h"
#include "memory.h"
#include "text.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool load_core_is_core(const char *path)
{
	struct stat status;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	bool is_core = fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
		       core_file_is_core(fd);

	if (fd >= 0)
		close(fd);
	return is_core;
}

/* The kernel has the arguments with blanks between them, and cut; a program may have put anything
 * in their place. */
static void read_args(struct process *process, struct model *model, const struct core_file *core)
{
	char args[sizeof(core->args)];
	size_t length = strlen(core->args);

	process->args_cut = length + 1 >= sizeof(args);
	memcpy(args, core->args, sizeof(args));
	while (length && args[length - 1] == ' ') /* one stands behind the last, too */
		args[--length] = '\0';
	process->args = memory_zero(2, sizeof(*process->args));
	if (length)
		process->args[0] = (char *)model_string(model, args);
}

/* Who it was and how it ended, for a process without an image. */
static void read_process(struct process *process, struct model *model, const struct core_file *core)
{
	const char *name = core->executable ? core->executable : core->name;

	process->unrecorded = true;
	process->pid = core->pid;
	process->ppid = core->ppid;
	process->exe = model_string(model, name[0] ? name : "?");
	process->core = model_string(model, core->path);
	process->state = core->signal ? STATE_CRASHED : STATE_RUNNING;
	process->signal = core->signal;
	process->has_fault_address = core->has_fault_address;
	process->fault_address = core->fault_address;
	read_args(process, model, core);
}

/* Only the recorder knows names. */
static void name_threads(const struct process *process)
{
	const struct core_facts *facts = process->core_facts;

	for (size_t i = 0; i < facts->thread_count; i++)
		for (size_t t = 0; t < process->thread_count; t++)
			if (process->threads[t].tid == facts->threads[i].tid)
				facts->threads[i].name = process->threads[t].name;
}

/* What lies where the signal says that the trouble was. */
static void describe_fault(struct core_facts *facts, struct model *model,
	const struct core_file *core, const struct core_map *map)
{
	char place[1000];

	if (core->signal == SIGSEGV && core->signal_code == SI_KERNEL)
		facts->fault_place = "not told: one that no memory can have, as in a pointer that "
				     "was written over";
	if (!core->has_fault_address)
		return;
	core_map_describe(map, core->fault_address, core->thread_count ? core->threads[0].sp : 0,
		place, sizeof(place));
	facts->fault_place = model_string(model, place);
}

static bool has_recorder(const struct core_modules *modules)
{
	for (size_t i = 0; i < modules->count; i++)
		if (strncmp(text_basename(modules->all[i].path), "libleak.so", 10) == 0)
			return true;
	return false;
}

static uint64_t written_at(const struct core_file *core)
{
	struct stat status;

	if (fstat(core->fd, &status) < 0)
		return 0;
	return (uint64_t)status.st_mtim.tv_sec * 1000000000u + (uint64_t)status.st_mtim.tv_nsec;
}

static void read_facts(struct model *model, struct process *process, const struct core_file *core,
	const struct symbol_search *search)
{
	struct core_facts *facts = process->core_facts = memory_zero(1, sizeof(*facts));
	struct core_modules modules;
	struct core_map map;

	facts->kept_bytes = core->kept_bytes;
	facts->held_bytes = core->held_bytes;
	facts->signal_code = core->signal_code;
	core_modules_find(&modules, core);
	facts->recorder_loaded = has_recorder(&modules);
	core_map_make(&map, core, &modules, process->image);
	core_heap_find(facts, model, core, &modules, &map);
	core_map_sum(&map, facts->map);
	describe_fault(facts, model, core, &map);
	core_threads_read(facts, model, core, &modules, search,
		process->unrecorded ? written_at(core) : process->start_realtime_ns);
	name_threads(process);
	core_map_free(&map);
	core_modules_free(&modules);
}

int load_core(struct model *model, struct process *process, const char *path,
	const struct symbol_search *search, struct error *error)
{
	struct core_file core;
	int result = core_file_open(&core, path, error);

	if (result == 0) {
		if (process == NULL) {
			process = model_add_process(model);
			read_process(process, model, &core);
		}
		read_facts(model, process, &core, search);
	}
	core_file_close(&core);
	return result;
}
