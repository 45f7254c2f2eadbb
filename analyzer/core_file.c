/*
 * Reads ELF core files with libelf, which checks what the headers claim. Called by open_core.c and
 * the core_*.c. Cores of 64-bit little-endian machines; which register is which is known for
 * x86-64 and aarch64, elsewhere threads have registers without names. Compressed cores are named
 * as such and refused.
 */
#define _GNU_SOURCE
#include "core_file.h"

#include "memory.h"
#include "read_at.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SEGMENTS_MAX 1000000u /* vm.max_map_count can be raised to as many */
#define THREADS_MAX 1000000u
#define VECTOR_WORDS_MAX (1u << 25)
#define NOTES_BYTES_MAX (1ull << 30)

/* Where NT_PRSTATUS has what (struct elf_prstatus), for the machines whose layout we know. */
struct machine {
	uint32_t machine;
	size_t registers; /* offset of pr_reg */
	unsigned count, ip, sp, thread_pointer;
};

#define NO_REGISTER CORE_REGISTERS_MAX

static const struct machine machines[] = {
	{EM_X86_64, 112, 27, 16, 19, 21},
	{EM_AARCH64, 112, 34, 32, 31, NO_REGISTER},
};

/* struct elf_prstatus, the part before the registers; the same on all 64-bit machines. */
#define PRSTATUS_CURSIG 12
#define PRSTATUS_PID 32

/* struct elf_prpsinfo of 64-bit machines. */
#define PRPSINFO_PID 24
#define PRPSINFO_PPID 28
#define PRPSINFO_NAME 40
#define PRPSINFO_ARGS 56
#define PRPSINFO_SIZE 136

/* What reading carries around. */
struct reading {
	struct core_file *core;
	Elf *elf;
	uint64_t file_size;
	size_t segment_capacity, mapping_capacity, thread_capacity, vector_capacity;
};

static uint32_t word32(const unsigned char *bytes, size_t at)
{
	uint32_t value;

	memcpy(&value, bytes + at, sizeof(value));
	return value;
}

static uint64_t word64(const unsigned char *bytes, size_t at)
{
	uint64_t value;

	memcpy(&value, bytes + at, sizeof(value));
	return value;
}

static const struct machine *find_machine(uint32_t number)
{
	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++)
		if (machines[i].machine == number)
			return &machines[i];
	return NULL;
}

static bool read_ident(int fd, unsigned char ident[EI_NIDENT + 2])
{
	return pread(fd, ident, EI_NIDENT + 2, 0) == EI_NIDENT + 2;
}

bool core_file_is_core(int fd)
{
	unsigned char ident[EI_NIDENT + 2]; /* and e_type */

	if (!read_ident(fd, ident) || memcmp(ident, ELFMAG, SELFMAG) != 0)
		return false;
	return ident[ident[EI_DATA] == ELFDATA2MSB ? EI_NIDENT + 1 : EI_NIDENT] == ET_CORE;
}

/* ---- notes ---- */

static void read_status(struct reading *reading, const unsigned char *data, size_t size)
{
	struct core_file *core = reading->core;
	const struct machine *machine = find_machine(core->machine);
	struct core_thread thread = {0};

	if (size < PRSTATUS_PID + 4 || core->thread_count >= THREADS_MAX)
		return;
	thread.signal = (int)(data[PRSTATUS_CURSIG] | data[PRSTATUS_CURSIG + 1] << 8);
	thread.tid = (int)word32(data, PRSTATUS_PID);
	if (machine && size >= machine->registers + machine->count * sizeof(uint64_t)) {
		thread.register_count = machine->count;
		memcpy(thread.registers, data + machine->registers,
			machine->count * sizeof(uint64_t));
		thread.ip = thread.registers[machine->ip];
		thread.sp = thread.registers[machine->sp];
		if (machine->thread_pointer != NO_REGISTER)
			thread.thread_pointer = thread.registers[machine->thread_pointer];
	}
	core->threads = memory_grow(
		core->threads, &reading->thread_capacity, core->thread_count + 1, sizeof(thread));
	core->threads[core->thread_count++] = thread;
}

/* As words: which register is where depends on the machine, and does not matter. */
static void read_vectors(struct reading *reading, const unsigned char *data, size_t size)
{
	struct core_file *core = reading->core;
	size_t count = size / sizeof(uint64_t);

	if (count == 0 || core->vector_count + count > VECTOR_WORDS_MAX)
		return;
	core->vectors = memory_grow(core->vectors, &reading->vector_capacity,
		core->vector_count + count, sizeof(*core->vectors));
	memcpy(core->vectors + core->vector_count, data, count * sizeof(uint64_t));
	core->vector_count += count;
}

static void read_process(struct core_file *core, const unsigned char *data, size_t size)
{
	if (size < PRPSINFO_SIZE)
		return;
	core->pid = (int)word32(data, PRPSINFO_PID);
	core->ppid = (int)word32(data, PRPSINFO_PPID);
	memcpy(core->name, data + PRPSINFO_NAME, sizeof(core->name) - 1);
	memcpy(core->args, data + PRPSINFO_ARGS, sizeof(core->args) - 1);
}

static void read_siginfo(struct core_file *core, const unsigned char *data, size_t size)
{
	if (size < 24)
		return;
	int signal = (int)word32(data, 0);
	/* gcore stops the process that it reads, and writes that down: nobody died of it. */
	if (signal <= 0 || signal >= NSIG || signal == SIGSTOP)
		return;
	core->signal = signal;
	core->signal_code = (int)word32(data, 8);
	switch (core->signal) {
	case SIGSEGV:
	case SIGBUS:
	case SIGILL:
	case SIGFPE:
	case SIGTRAP:
		/* A code of 0 or less: sent by kill and its kin, not by an instruction. The kernel
		 * itself sends one without an address, for one that is not canonical. */
		core->has_fault_address = core->signal_code > 0 && core->signal_code != SI_KERNEL;
		core->fault_address = core->has_fault_address ? word64(data, 16) : 0;
		break;
	}
}

static void read_auxiliary(struct core_file *core, const unsigned char *data, size_t size)
{
	for (size_t at = 0; at + 16 <= size; at += 16) {
		uint64_t value = word64(data, at + 8);
		switch (word64(data, at)) {
		case AT_NULL:
			return;
		case AT_ENTRY:
			core->entry = value;
			break;
		case AT_PHDR:
			core->program_headers = value;
			break;
		case AT_BASE:
			core->interpreter = value;
			break;
		case AT_SYSINFO_EHDR:
			core->vdso = value;
			break;
		}
	}
}

/* count, page size, count times {start, end, offset in pages}, then count names. */
static void read_files(struct reading *reading, const unsigned char *data, size_t size)
{
	struct core_file *core = reading->core;

	if (size < 16 || core->names)
		return;
	uint64_t count = word64(data, 0), page = word64(data, 8);
	if (count > (size - 16) / 24 || count == 0)
		return;
	size_t name_at = 16 + (size_t)count * 24, names_size = size - name_at;
	char *names = memory_zero(names_size + 1, 1), *name = names;
	memcpy(names, data + name_at, names_size);
	core->names = names;
	for (uint64_t i = 0; i < count && name < names + names_size; i++) {
		const size_t at = 16 + (size_t)i * 24;
		struct core_mapping mapping = {.start = word64(data, at),
			.end = word64(data, at + 8),
			.offset = word64(data, at + 16) * page,
			.path = name};
		name += strlen(name) + 1;
		if (mapping.start >= mapping.end)
			continue;
		core->mappings = memory_grow(core->mappings, &reading->mapping_capacity,
			core->mapping_count + 1, sizeof(mapping));
		core->mappings[core->mapping_count++] = mapping;
	}
}

static void read_note(struct reading *reading, const GElf_Nhdr *header, const char *name,
	const unsigned char *data)
{
	const size_t size = header->n_descsz;

	if (header->n_type == NT_X86_XSTATE && strncmp(name, "LINUX", header->n_namesz) == 0)
		read_vectors(reading, data, size);
	if (strncmp(name, "CORE", header->n_namesz) != 0)
		return;
	switch (header->n_type) {
	case NT_PRSTATUS:
		read_status(reading, data, size);
		break;
	case NT_FPREGSET:
		read_vectors(reading, data, size);
		break;
	case NT_PRPSINFO:
		read_process(reading->core, data, size);
		break;
	case NT_SIGINFO:
		read_siginfo(reading->core, data, size);
		break;
	case NT_AUXV:
		read_auxiliary(reading->core, data, size);
		break;
	case NT_FILE:
		read_files(reading, data, size);
		break;
	}
}

static void read_notes(struct reading *reading, const GElf_Phdr *segment)
{
	size_t at = 0, name_at, data_at, next;
	GElf_Nhdr header;
	uint64_t size = segment->p_filesz;

	if (segment->p_offset >= reading->file_size)
		return;
	if (size > reading->file_size - segment->p_offset)
		size = reading->file_size - segment->p_offset;
	if (size > NOTES_BYTES_MAX)
		size = NOTES_BYTES_MAX;
	Elf_Data *data =
		elf_getdata_rawchunk(reading->elf, (int64_t)segment->p_offset, size, ELF_T_NHDR);
	if (data == NULL)
		return;
	while ((next = gelf_getnote(data, at, &header, &name_at, &data_at)) > 0) {
		const char *bytes = data->d_buf;
		if (header.n_namesz >= 4)
			read_note(reading, &header, bytes + name_at,
				(const unsigned char *)bytes + data_at);
		at = next;
	}
}

/* ---- segments ---- */

static void read_segment(struct reading *reading, const GElf_Phdr *header)
{
	struct core_file *core = reading->core;
	struct core_segment segment = {.start = header->p_vaddr,
		.size = header->p_memsz,
		.at = header->p_offset,
		.kept = header->p_filesz,
		.readable = header->p_flags & PF_R,
		.writable = header->p_flags & PF_W,
		.executable = header->p_flags & PF_X};

	if (segment.size > UINT64_MAX - segment.start)
		segment.size = UINT64_MAX - segment.start;
	if (segment.kept > segment.size)
		segment.kept = segment.size;
	if (segment.at < reading->file_size) {
		uint64_t there = reading->file_size - segment.at;
		segment.held = segment.kept < there ? segment.kept : there;
	}
	if (segment.size == 0 || core->segment_count >= SEGMENTS_MAX)
		return;
	core->segments = memory_grow(core->segments, &reading->segment_capacity,
		core->segment_count + 1, sizeof(segment));
	core->segments[core->segment_count++] = segment;
}

static int compare_segments(const void *a, const void *b)
{
	const struct core_segment *one = a, *other = b;

	return one->start < other->start ? -1 : one->start > other->start;
}

/* By address, the parts that overlap left out of the lower one. */
static void sort_segments(struct core_file *core)
{
	if (core->segment_count)
		qsort(core->segments, core->segment_count, sizeof(*core->segments),
			compare_segments);
	for (size_t i = 0; i < core->segment_count; i++) {
		struct core_segment *segment = &core->segments[i];
		if (i + 1 < core->segment_count &&
			segment->size > core->segments[i + 1].start - segment->start) {
			segment->size = core->segments[i + 1].start - segment->start;
			segment->kept =
				segment->kept < segment->size ? segment->kept : segment->size;
			segment->held =
				segment->held < segment->size ? segment->held : segment->size;
		}
		/* A hostile sum wraps quietly. */
		core->kept_bytes += segment->kept;
		core->held_bytes += segment->held;
	}
}

static int compare_mappings(const void *a, const void *b)
{
	const struct core_mapping *one = a, *other = b;

	return one->start < other->start ? -1 : one->start > other->start;
}

static int read_program_headers(struct reading *reading, struct error *error)
{
	size_t count;

	if (elf_getphdrnum(reading->elf, &count) < 0)
		return error_set(
			error, "the core is cut or damaged: %s; copy it again", elf_errmsg(-1));
	for (size_t i = 0; i < count && i <= SEGMENTS_MAX; i++) {
		GElf_Phdr header;
		if (gelf_getphdr(reading->elf, (int)i, &header) == NULL)
			return error_set(error,
				"the core is cut inside its table of segments; copy it again, or "
				"raise the limit on its size (ulimit -c, coredump.conf)");
		if (header.p_type == PT_LOAD)
			read_segment(reading, &header);
		else if (header.p_type == PT_NOTE)
			read_notes(reading, &header);
	}
	return 0;
}

/* ---- the whole ---- */

static const char *compression(const unsigned char *start)
{
	if (memcmp(start, "\x28\xb5\x2f\xfd", 4) == 0)
		return "zstd";
	if (memcmp(start, "\x04\x22\x4d\x18", 4) == 0)
		return "lz4";
	if (memcmp(start,
		    "\xfd"
		    "7zXZ",
		    5) == 0)
		return "xz";
	return start[0] == 0x1f && start[1] == 0x8b ? "gzip" : NULL;
}

bool core_file_knows(int fd)
{
	unsigned char ident[EI_NIDENT + 2];

	return read_ident(fd, ident) && (memcmp(ident, ELFMAG, SELFMAG) == 0 || compression(ident));
}

static int check_ident(struct core_file *core, struct error *error)
{
	unsigned char ident[EI_NIDENT + 2];

	if (!read_ident(core->fd, ident))
		return error_set(error, "too short for a core file");
	if (memcmp(ident, ELFMAG, SELFMAG) != 0) {
		const char *packed = compression(ident);
		return packed ? error_set(error, "is compressed; unpack it first: %s -d", packed)
			      : error_set(error, "not an ELF file");
	}
	if (!core_file_is_core(core->fd))
		return error_set(error, "is a program or a library, and not the core file of one");
	if (ident[EI_DATA] != ELFDATA2LSB)
		return error_set(error, "the core comes from a machine of the other byte order; "
					"analyze it on a machine of that kind");
	if (ident[EI_CLASS] != ELFCLASS64)
		return error_set(error, "the core is of a 32-bit process, which leak cannot read");
	return 0;
}

/* The executable is the file whose program headers the kernel told the process of. */
static void find_executable(struct core_file *core)
{
	const struct core_mapping *mapping = core_file_mapping(core, core->program_headers);

	core->executable = mapping ? mapping->path : NULL;
}

/* The thread that the signal went to is written first by Linux; gcore has it wherever it was. */
static void sort_threads(struct core_file *core)
{
	for (size_t i = 0; i < core->thread_count; i++) {
		if (core->threads[i].signal == 0)
			continue;
		struct core_thread first = core->threads[i];
		memmove(core->threads + 1, core->threads, i * sizeof(first));
		core->threads[0] = first;
		break;
	}
}

int core_file_open(struct core_file *core, const char *path, struct error *error)
{
	struct stat status;

	*core = (struct core_file){.fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY),
		.path = memory_copy(path)};
	if (core->fd < 0)
		return error_set(error, "%s; check the path and its permissions", strerror(errno));
	if (fstat(core->fd, &status) < 0)
		return error_set(error, "%s", strerror(errno));
	if (check_ident(core, error) < 0)
		return -1;
	elf_version(EV_CURRENT);
	struct reading reading = {.core = core, .file_size = (uint64_t)status.st_size};
	reading.elf = elf_begin(core->fd, ELF_C_READ, NULL);
	GElf_Ehdr header;
	if (reading.elf == NULL || gelf_getehdr(reading.elf, &header) == NULL) {
		elf_end(reading.elf);
		return error_set(
			error, "the core is cut or damaged: %s; copy it again", elf_errmsg(-1));
	}
	core->machine = header.e_machine;
	int result = read_program_headers(&reading, error);
	elf_end(reading.elf);
	sort_segments(core);
	if (core->mapping_count)
		qsort(core->mappings, core->mapping_count, sizeof(*core->mappings),
			compare_mappings);
	find_executable(core);
	sort_threads(core);
	if (result == 0 && core->segment_count == 0)
		return error_set(error, "the core holds no memory at all");
	return result;
}

void core_file_close(struct core_file *core)
{
	if (core->fd >= 0)
		close(core->fd);
	free(core->path);
	free(core->segments);
	free(core->mappings);
	free(core->threads);
	free(core->vectors);
	free(core->names);
	*core = (struct core_file){.fd = -1};
}

const struct core_segment *core_file_segment(const struct core_file *core, uint64_t address)
{
	size_t low = 0, high = core->segment_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (core->segments[middle].start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0 || address - core->segments[low - 1].start >= core->segments[low - 1].size)
		return NULL;
	return &core->segments[low - 1];
}

const struct core_mapping *core_file_mapping(const struct core_file *core, uint64_t address)
{
	size_t low = 0, high = core->mapping_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (core->mappings[middle].start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low && address < core->mappings[low - 1].end ? &core->mappings[low - 1] : NULL;
}

/* Up to `size` bytes of one segment. */
static size_t read_segment_bytes(const struct core_file *core, const struct core_segment *segment,
	uint64_t address, char *buffer, size_t size)
{
	uint64_t within = address - segment->start;

	if (within >= segment->held)
		return 0;
	if (size > segment->held - within)
		size = segment->held - within;
	return read_at(core->fd, buffer, size, segment->at + within);
}

size_t core_file_read(const struct core_file *core, uint64_t address, void *buffer, size_t size)
{
	size_t done = 0;

	while (done < size) {
		const struct core_segment *segment = core_file_segment(core, address + done);
		if (segment == NULL)
			break;
		size_t got = read_segment_bytes(
			core, segment, address + done, (char *)buffer + done, size - done);
		done += got;
		if (got == 0 || address + done < segment->start + segment->size)
			break;
	}
	return done;
}
