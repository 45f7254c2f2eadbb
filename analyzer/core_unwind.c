/*
 * Unwinds the threads of a core with libdwfl. Called by core_threads.c in a child process. libdwfl
 * gets threads, registers and memory from our own core reader, which has checked them, and the
 * modules from core_modules.c; so truncated cores, and the search for files that --sysroot and
 * --symbols direct, work as everywhere else. Where there is no unwind information, libdwfl follows
 * frame pointers if it knows how to on that machine.
 */
#define _GNU_SOURCE
#include "core_unwind.h"

#include "memory.h"
#include "text.h"

#include <elf.h>
#include <elfutils/libdwfl.h>
#include <elfutils/version.h>
#include <fcntl.h>
#include <libelf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RECORDS 512         /* written at once */
#define VDSO_MAX (1u << 20) /* bytes */

/* What libdwfl keeps for us with each module. */
struct place {
	const struct core_module *module;
	const struct core_file *core;
	const struct symbol_search *search;
};

/* What unwinding carries around. */
struct unwinding {
	const struct core_file *core;
	const struct core_modules *modules;
	const struct symbol_search *search;
	size_t frames_max;
	int out;
	struct unwind_record records[RECORDS];
	size_t record_count;

	bool started;
	size_t thread;    /* in core->threads */
	size_t frames;    /* of this thread so far */
	bool returned;    /* its first frame was left by hand, see leave_nowhere */
	bool cut;         /* frames_max */
	bool circle;      /* see is_circle */
	bool missing;     /* memory that the step from the last frame wanted is not there */
	uint64_t slot;    /* the last word of the stack that was read */
	uint64_t seen_pc; /* a frame that was met before, with the slot then */
	uint64_t seen_slot;
	size_t seen_at; /* how many frames there were then */
};

static void flush(struct unwinding *unwinding)
{
	const char *data = (const char *)unwinding->records;
	size_t left = unwinding->record_count * sizeof(*unwinding->records);

	while (left) {
		ssize_t done = write(unwinding->out, data, left);
		if (done <= 0)
			_exit(1);
		data += done;
		left -= (size_t)done;
	}
	unwinding->record_count = 0;
}

static void put(
	struct unwinding *unwinding, uint32_t flags, uint64_t address, uint64_t stack_pointer)
{
	unwinding->records[unwinding->record_count++] =
		(struct unwind_record){.thread = (uint32_t)unwinding->thread,
			.flags = flags,
			.address = address,
			.stack_pointer = stack_pointer};
	if (unwinding->record_count == RECORDS)
		flush(unwinding);
}

/* ---- what libdwfl asks for ---- */

/* The kernel's library is in no file, but whole in every core. */
static void find_vdso(const struct core_file *core, const struct core_module *module, Elf **ret)
{
	size_t size =
		module->end - module->start < VDSO_MAX ? module->end - module->start : VDSO_MAX;
	char *bytes = memory_zero(size, 1); /* stays for as long as this process */

	if (core_file_read(core, module->start, bytes, size) == size)
		*ret = elf_memory(bytes, size);
}

/* The path of the very file that a module was loaded from, NULL when it is not here. */
static char *find_path(const struct core_module *module, const struct symbol_search *search)
{
	struct module wanted = {.path = module->path,
		.name = text_basename(module->path),
		.build_id_size = module->build_id_size};
	struct symbol_file file;
	const char *path = NULL;
	char *copy = NULL;

	memcpy(wanted.build_id, module->build_id, sizeof(wanted.build_id));
	symbol_file_open(&file, &wanted, search);
	if (file.module)
		dwfl_module_info(file.module, NULL, NULL, NULL, NULL, NULL, &path, NULL);
	if (path)
		copy = memory_copy(path);
	symbol_file_close(&file);
	return copy;
}

/* libdwfl asks when it first needs a module. */
static int find_elf(Dwfl_Module *found, void **data, const char *name, Dwarf_Addr base,
	char **ret_path, Elf **ret_elf)
{
	const struct place *place = *data;

	(void)found;
	(void)name;
	(void)base;
	if (place->module->path[0] == '[') {
		find_vdso(place->core, place->module, ret_elf);
		return -1;
	}
	char *path = find_path(place->module, place->search);
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	if (fd >= 0)
		*ret_path = path;
	else
		free(path);
	return fd;
}

static pid_t next_thread(Dwfl *dwfl, void *argument, void **ret_argument)
{
	struct unwinding *unwinding = argument;

	(void)dwfl;
	*ret_argument = unwinding;
	unwinding->thread = unwinding->started ? unwinding->thread + 1 : 0;
	unwinding->started = true;
	/* The number is for libdwfl alone, which wants it to be positive. */
	return unwinding->thread < unwinding->core->thread_count ? (pid_t)unwinding->thread + 1 : 0;
}

static bool read_memory(Dwfl *dwfl, Dwarf_Addr address, Dwarf_Word *ret, void *argument)
{
	struct unwinding *unwinding = argument;

	(void)dwfl;
	unwinding->slot = address;
	if (core_file_read(unwinding->core, address, ret, sizeof(*ret)) == sizeof(*ret))
		return true;
	unwinding->missing = true;
	return false;
}

/* ---- registers ---- */

/* Registers by their DWARF numbers, of which the last is the address. */
struct registers {
	Dwarf_Word values[33];
	unsigned count, ip, sp;
};

/* DWARF's numbers and NT_PRSTATUS's order; no address among them where DWARF has none. */
static bool read_registers(
	const struct core_file *core, const struct core_thread *thread, struct registers *ret)
{
	static const unsigned char x86_64[] = {
		10, 12, 11, 5, 13, 14, 4, 19, 9, 8, 7, 6, 3, 2, 1, 0, 16};

	if (thread->register_count == 0)
		return false;
	if (core->machine == EM_X86_64) {
		*ret = (struct registers){.count = 17, .ip = 16, .sp = 7};
		for (unsigned i = 0; i < ret->count; i++)
			ret->values[i] = thread->registers[x86_64[i]];
		return true;
	}
	if (core->machine == EM_AARCH64) {
		*ret = (struct registers){.count = 33, .ip = 32, .sp = 31};
		for (unsigned i = 0; i < ret->count; i++)
			ret->values[i] = thread->registers[i];
		return true;
	}
	return false;
}

static bool is_code(const struct unwinding *unwinding, uint64_t address)
{
	const struct core_segment *segment = core_file_segment(unwinding->core, address);

	return core_modules_at(unwinding->modules, address) || (segment && segment->executable);
}

/* A call to an address where no code is, as through a null pointer, has done nothing but to leave
 * its return address. libdwfl would know no way out of there. */
static void leave_nowhere(struct unwinding *unwinding, struct registers *registers)
{
	uint64_t address = registers->values[registers->ip], caller;

	if (is_code(unwinding, address))
		return;
	if (unwinding->core->machine == EM_X86_64) {
		uint64_t sp = registers->values[registers->sp];
		if (core_file_read(unwinding->core, sp, &caller, sizeof(caller)) !=
				sizeof(caller) ||
			!is_code(unwinding, caller))
			return;
		registers->values[registers->sp] = sp + sizeof(caller);
	} else {
		caller = registers->values[30]; /* the link register */
		if (!is_code(unwinding, caller))
			return;
	}
	put(unwinding, UNWIND_EXACT, address, unwinding->core->threads[unwinding->thread].sp);
	registers->values[registers->ip] = caller;
	unwinding->returned = true;
	unwinding->frames = 1;
}

static bool set_registers(Dwfl_Thread *thread, void *argument)
{
	struct unwinding *unwinding = argument;
	struct registers registers;

	unwinding->frames = unwinding->seen_at = 0;
	unwinding->returned = unwinding->cut = unwinding->circle = unwinding->missing = false;
	unwinding->slot = unwinding->seen_slot = unwinding->seen_pc = 0;
	if (!read_registers(
		    unwinding->core, &unwinding->core->threads[unwinding->thread], &registers))
		return false;
	leave_nowhere(unwinding, &registers);
	dwfl_thread_state_register_pc(thread, registers.values[registers.ip]);
	/* On x86-64 the address is one of DWARF's registers, too. */
	return dwfl_thread_state_registers(thread, 0,
		unwinding->core->machine == EM_X86_64 ? registers.count : registers.count - 1,
		registers.values);
}

/* ---- frames ---- */

/* A damaged stack may lead in a circle. The frame that is remembered is renewed ever more rarely,
 * so that a circle of any length is noticed. Frames on a stack differ in where they lie. */
static bool is_circle(struct unwinding *unwinding, uint64_t pc)
{
	if (unwinding->frames && pc == unwinding->seen_pc &&
		unwinding->slot == unwinding->seen_slot)
		return true;
	if (unwinding->frames >= 2 * unwinding->seen_at) {
		unwinding->seen_at = unwinding->frames;
		unwinding->seen_pc = pc;
		unwinding->seen_slot = unwinding->slot;
	}
	return false;
}

/* By DWARF's number of the register; 0 where libdwfl does not tell (elfutils before 0.188), and
 * then no variable's frame is known. */
static uint64_t stack_pointer_of(const struct unwinding *unwinding, Dwfl_Frame *frame)
{
	Dwarf_Word value = 0;
#if _ELFUTILS_PREREQ(0, 188)
	unsigned number = unwinding->core->machine == EM_X86_64 ? 7 : 31;

	if (dwfl_frame_reg(frame, number, &value) != 0)
		value = 0;
#else
	(void)unwinding;
	(void)frame;
#endif
	return value;
}

static int take_frame(Dwfl_Frame *frame, void *argument)
{
	struct unwinding *unwinding = argument;
	Dwarf_Addr pc;
	bool exact;

	if (unwinding->frames == unwinding->frames_max) {
		unwinding->cut = true;
		return DWARF_CB_ABORT;
	}
	/* Before the flag is asked for: that unwinds, and so reads, the next frame. */
	if (!dwfl_frame_pc(frame, &pc, NULL))
		return DWARF_CB_ABORT;
	unwinding->missing = false;
	unwinding->circle = is_circle(unwinding, pc);
	if (unwinding->circle || !dwfl_frame_pc(frame, &pc, &exact))
		return DWARF_CB_ABORT;
	if (unwinding->returned && unwinding->frames == 1)
		exact = false;
	put(unwinding, exact ? UNWIND_EXACT : 0, pc, stack_pointer_of(unwinding, frame));
	unwinding->frames++;
	return DWARF_CB_OK;
}

static int take_thread(Dwfl_Thread *thread, void *argument)
{
	struct unwinding *unwinding = argument;
	int result = dwfl_thread_getframes(thread, take_frame, unwinding);

	/* Where a return address cannot be read libdwfl sees an end like any other. */
	put(unwinding,
		unwinding->cut                       ? UNWIND_CUT
		: result == 0 && !unwinding->missing ? UNWIND_END
						     : UNWIND_PARTIAL,
		0, 0);
	flush(unwinding);
	return DWARF_CB_OK;
}

static void report_modules(struct unwinding *unwinding, Dwfl *dwfl)
{
	const struct core_modules *modules = unwinding->modules;
	struct place *places = memory_zero(modules->count, sizeof(*places));

	dwfl_report_begin(dwfl);
	for (size_t i = 0; i < modules->count; i++) {
		const struct core_module *module = &modules->all[i];
		void **data;
		if (module->start >= module->end)
			continue;
		Dwfl_Module *reported =
			dwfl_report_module(dwfl, module->path, module->start, module->end);
		if (reported == NULL)
			continue;
		places[i] = (struct place){module, unwinding->core, unwinding->search};
		dwfl_module_info(reported, &data, NULL, NULL, NULL, NULL, NULL, NULL);
		*data = &places[i];
	}
	dwfl_report_end(dwfl, NULL, NULL);
}

void core_unwind(const struct core_file *core, const struct core_modules *modules,
	const struct symbol_search *search, size_t frames_max, int out)
{
	static const Dwfl_Thread_Callbacks thread_callbacks = {.next_thread = next_thread,
		.memory_read = read_memory,
		.set_initial_registers = set_registers};
	char *debug_path = symbol_file_debug_path(search);
	const Dwfl_Callbacks callbacks = {.find_elf = find_elf,
		.find_debuginfo = dwfl_standard_find_debuginfo,
		.debuginfo_path = &debug_path};
	struct unwinding *unwinding = memory_zero(1, sizeof(*unwinding));

	*unwinding = (struct unwinding){.core = core,
		.modules = modules,
		.search = search,
		.frames_max = frames_max,
		.out = out};
	elf_version(EV_CURRENT);
	Elf *elf = elf_begin(core->fd, ELF_C_READ, NULL); /* tells libdwfl the machine */
	Dwfl *dwfl = dwfl_begin(&callbacks);
	if (elf == NULL || dwfl == NULL)
		return;
	report_modules(unwinding, dwfl);
	if (dwfl_attach_state(dwfl, elf, 1, &thread_callbacks, unwinding))
		dwfl_getthreads(dwfl, take_thread, unwinding);
	flush(unwinding);
}
