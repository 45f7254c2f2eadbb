/*
 * Cores (analyzer/core_*.c, open_core.c, load_core.c): the input is one in a compact language, as
 * images are (fuzz_layout.h). It lies in memory, also for libelf. Threads are not unwound:
 * in the product a child process does that.
 *
 *   0 BASE:1 PAGE:1 PAGES:1 HELD:1 FLAGS:1   a segment PAGE pages behind a base (below), of PAGES % 32
 *                                            + 1 pages, of which the file has HELD % 8
 *   1 AT:2 N:1 bytes…                        N bytes at AT of the last segment
 *   2 AT:2 N:1 WORD:8                        N times a word
 *   3 AT:2 BASE:1 OFFSET:2                   an address, OFFSET * 8 behind a base
 *   4 TYPE:1 N:1 bytes…                      a note
 *   5 BASE:1 PAGE:1 PAGES:1 AT:1 NAME:1      a mapping of a file
 *   6 TID:1 BASE:1 OFFSET:2 TLS:1 OFFSET:2   a thread: its stack pointer and thread pointer
 *   7 AT:2 BASE:1 OFFSET:2 PAGES:1           the head of an arena of glibc, its bins empty, and where
 *                                            its top chunk is
 *   8 AT:2 SIZE:2 N:1                        N chunks of glibc's heap
 *   9 N:2 bytes…                             an image, from the last segment's start on
 *   10 PHDR:2 NOTE:2                         the headers of a loaded object there
 *   11 AT:2 N:1 bytes…                       N bytes of the file, over everything
 *   12 CUT:2                                 the file is CUT bytes shorter
 *   255 N:2 bytes…                           an image, as a file beside the core
 *
 * The files of modules are what their headers lie in.
 */
#define _GNU_SOURCE
#include "fuzz.h"
#include "fuzz_file.h"
#include "fuzz_layout.h"

#include "analyzer/core_threads.h"
#include "analyzer/load_core.h"
#include "analyzer/load_image.h"
#include "analyzer/merge_sites.h"

#include <elf.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PAGE 4096u
#define SEGMENTS 16
#define PAGES 64 /* of all segments, in the file */
#define NOTES 4096
#define MAPPINGS 16
#define NOTES_AT (sizeof(Elf64_Ehdr) + (SEGMENTS + 1) * sizeof(Elf64_Phdr))
#define CONTENTS_AT (NOTES_AT + NOTES)

static const uint64_t bases[] = {0x400000, 0x555555554000, 0x555555570000, 0x7f0000000000, 0x7f0004000000,
	0x7ffff7c00000, 0x7ffff7fc0000, 0x7ffffffd0000};
static const char *const names[] = {
	"/fuzz/app", "/fuzz/libc.so.6", "/fuzz/app.7.leak", "/fuzz/libleak.so", "/fuzz/data (deleted)", "/dev/zero"};

struct building {
	Elf64_Phdr segments[SEGMENTS + 1]; /* the first: the notes */
	size_t segment_count, page_count;
	size_t note_bytes;
	uint64_t mappings[MAPPINGS][3];
	unsigned mapping_names[MAPPINGS];
	size_t mapping_count, cut;
	uint8_t file[CONTENTS_AT + PAGES * PAGE];
	size_t dirty; /* bytes of it that were used */
	struct {
		size_t at, size;
		const uint8_t *bytes;
	} over[8];
	size_t over_count;
	uint8_t beside[LAYOUT_PAGES * PAGE]; /* the image beside the core */
	size_t beside_size;                  /* 0: none */
	size_t module_at;                    /* in `file`: what the files of modules are; 0: none */
};

static struct building building;

/* The unwinder reads the files of modules with libdw, in a child: not here. */
void core_threads_read(struct core_facts *facts, struct model *model, const struct core_file *core,
	const struct core_modules *modules, const struct symbol_search *search, uint64_t run_start_realtime_ns)
{
	(void)facts, (void)model, (void)core, (void)modules, (void)search, (void)run_start_realtime_ns;
}

/* These are libelf's, too, and of everybody else in this process. */
ssize_t pread(int fd, void *buffer, size_t size, off_t at)
{
	return fuzz_file_is(fd) ? fuzz_pread(fd, buffer, size, at)
				: syscall(SYS_pread64, fd, buffer, size, at);
}

int fstat(int fd, struct stat *ret)
{
	return fuzz_file_is(fd) ? fuzz_fstat(fd, ret)
				: (int)syscall(SYS_newfstatat, fd, "", ret, AT_EMPTY_PATH);
}

int fcntl(int fd, int command, ...)
{
	va_list rest;

	va_start(rest, command);
	void *argument = va_arg(rest, void *); /* or what a number is passed as */
	va_end(rest);
	return fuzz_file_is(fd) ? fuzz_fcntl(fd, command)
				: (int)syscall(SYS_fcntl, fd, command, argument);
}

static uint64_t address(struct input *input, unsigned unit)
{
	uint64_t base = bases[input_number(input, 1) % 8];

	return base + input_number(input, unit == PAGE ? 1 : 2) * unit;
}

static void put(struct building *b, size_t at, const void *bytes, size_t size)
{
	const Elf64_Phdr *segment = &b->segments[b->segment_count];

	if (b->segment_count == 0 || at >= segment->p_filesz)
		return;
	if (size > segment->p_filesz - at)
		size = segment->p_filesz - at;
	if (size)
		memcpy(b->file + segment->p_offset + at, bytes, size);
}

static void put_word(struct building *b, size_t at, uint64_t word)
{
	put(b, at, &word, sizeof(word));
}

static void add_segment(struct building *b, struct input *input)
{
	uint64_t start = address(input, PAGE), pages = input_number(input, 1) % 32 + 1;
	uint64_t held = input_number(input, 1) % 8;
	unsigned flags = (unsigned)input_number(input, 1);

	if (held > pages)
		held = pages;
	if (b->segment_count == SEGMENTS || held > PAGES - b->page_count)
		return;
	b->segments[++b->segment_count] = (Elf64_Phdr){.p_type = PT_LOAD,
		.p_flags = flags & 7,
		.p_offset = CONTENTS_AT + b->page_count * PAGE,
		.p_vaddr = start,
		.p_filesz = held * PAGE,
		.p_memsz = pages * PAGE,
		.p_align = PAGE};
	b->page_count += held;
}

static void add_note(struct building *b, unsigned type, const char *name, const void *bytes, size_t size)
{
	Elf64_Nhdr note = {.n_namesz = (uint32_t)strlen(name) + 1, .n_descsz = (uint32_t)size, .n_type = type};
	size_t needed = sizeof(note) + 8 + ((size + 3) & ~(size_t)3);

	if (needed > NOTES - b->note_bytes)
		return;
	memcpy(b->file + NOTES_AT + b->note_bytes, &note, sizeof(note));
	memcpy(b->file + NOTES_AT + b->note_bytes + sizeof(note), name, strlen(name));
	if (size)
		memcpy(b->file + NOTES_AT + b->note_bytes + sizeof(note) + 8, bytes, size);
	b->note_bytes += needed;
}

static void add_raw_note(struct building *b, struct input *input)
{
	static const unsigned types[] = {NT_PRSTATUS, NT_PRPSINFO, NT_AUXV, NT_SIGINFO, NT_FPREGSET, NT_FILE};
	unsigned type = (unsigned)input_number(input, 1);
	size_t size = input_number(input, 1);
	const uint8_t *bytes = input_bytes(input, size, &size);

	if (type & 0x80)
		add_note(b, NT_X86_XSTATE, "LINUX", bytes, size);
	else
		add_note(b, types[type % 6], "CORE", bytes, size);
}

static void add_mapping(struct building *b, struct input *input)
{
	uint64_t start = address(input, PAGE), end = start + (input_number(input, 1) % 64 + 1) * PAGE;
	uint64_t at = input_number(input, 1);
	unsigned name = (unsigned)input_number(input, 1) % 6;

	if (b->mapping_count == MAPPINGS)
		return;
	b->mapping_names[b->mapping_count] = name;
	b->mappings[b->mapping_count][0] = start;
	b->mappings[b->mapping_count][1] = end;
	b->mappings[b->mapping_count++][2] = at;
}

static void write_mappings(struct building *b)
{
	uint8_t note[16 + MAPPINGS * 24 + MAPPINGS * 24];
	uint64_t head[2] = {b->mapping_count, PAGE};
	size_t used = 16 + b->mapping_count * 24;

	if (b->mapping_count == 0)
		return;
	memcpy(note, head, 16);
	memcpy(note + 16, b->mappings, b->mapping_count * 24);
	for (size_t i = 0; i < b->mapping_count; i++) {
		const char *name = names[b->mapping_names[i]];
		memcpy(note + used, name, strlen(name) + 1);
		used += strlen(name) + 1;
	}
	add_note(b, NT_FILE, "CORE", note, used);
}

static void add_thread(struct building *b, struct input *input)
{
	uint8_t status[336] = {0}; /* struct elf_prstatus of x86-64: registers from 112 on */
	uint32_t tid = (uint32_t)input_number(input, 1);
	uint64_t sp = address(input, 8), tls = address(input, 8), ip = bases[1] + 16;

	memcpy(status + 32, &tid, sizeof(tid));
	memcpy(status + 112 + 16 * 8, &ip, 8);
	memcpy(status + 112 + 19 * 8, &sp, 8);
	memcpy(status + 112 + 21 * 8, &tls, 8);
	memcpy(status + 112, &tls, 8);
	add_note(b, NT_PRSTATUS, "CORE", status, sizeof(status));
}

/* struct malloc_state, see analyzer/core_malloc_state.c. */
static void put_arena(struct building *b, struct input *input)
{
	size_t bins = input_number(input, 2) + 112;
	uint64_t top = address(input, 8), bytes = (input_number(input, 1) % 32 + 1) * PAGE;
	uint64_t here = b->segments[b->segment_count].p_vaddr + bins;

	for (unsigned i = 0; i < 127; i++) {
		put_word(b, bins + i * 16, here + i * 16 - 16);
		put_word(b, bins + i * 16 + 8, here + i * 16 - 16);
	}
	put_word(b, bins - 16, top);
	put_word(b, bins + 2072, bytes);
	put_word(b, bins + 2080, bytes);
}

static void put_chunks(struct building *b, struct input *input)
{
	size_t at = input_number(input, 2) & ~(size_t)15, size = input_number(input, 2);
	size_t count = input_number(input, 1);

	for (size_t i = 0; i < count && size >= 16; i++, at += size & ~(size_t)15)
		put_word(b, at + 8, size);
}

static void put_image(struct building *b, struct input *input)
{
	size_t size = input_number(input, 2);
	const uint8_t *bytes = input_bytes(input, size, &size);
	struct input part = input_of(bytes, size);
	const uint8_t *image = layout_image(&part, &size);

	put(b, 0, image, size);
}

static void put_beside(struct building *b, struct input *input)
{
	size_t size = input_number(input, 2);
	const uint8_t *bytes = input_bytes(input, size, &size);
	struct input part = input_of(bytes, size);
	const uint8_t *image = layout_image(&part, &b->beside_size);

	memcpy(b->beside, image, b->beside_size);
}

static void put_headers(struct building *b, struct input *input)
{
	uint64_t vaddr = input_number(input, 2), note = input_number(input, 2);
	Elf64_Ehdr header = {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, 1},
		.e_type = ET_DYN,
		.e_machine = EM_X86_64,
		.e_phoff = sizeof(header),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = 3};
	Elf64_Phdr segments[3] = {
		{.p_type = PT_LOAD, .p_vaddr = vaddr & ~0xfffull, .p_memsz = 0x3000, .p_filesz = 0x2000},
		{.p_type = PT_NOTE, .p_vaddr = (vaddr & ~0xfffull) + note, .p_memsz = 0x100},
		{.p_type = PT_TLS, .p_vaddr = (vaddr & ~0xfffull) + note, .p_memsz = vaddr & 0xfff, .p_align = 8}};

	put(b, 0, &header, sizeof(header));
	put(b, sizeof(header), segments, sizeof(segments));
	b->module_at = b->segments[b->segment_count].p_offset;
}

static void take(struct building *b, struct input *input)
{
	size_t at, size, count;
	uint64_t word;
	const uint8_t *bytes;

	unsigned what = (unsigned)input_number(input, 1);

	if (what == 255) {
		put_beside(b, input);
		return;
	}
	switch (what % 13) {
	case 0:
		add_segment(b, input);
		break;
	case 1:
		at = input_number(input, 2);
		size = input_number(input, 1);
		bytes = input_bytes(input, size, &size);
		put(b, at, bytes, size);
		break;
	case 2:
		at = input_number(input, 2);
		count = input_number(input, 1);
		word = input_number(input, 8);
		while (count--)
			put_word(b, at + count * 8, word);
		break;
	case 3:
		at = input_number(input, 2);
		put_word(b, at, address(input, 8));
		break;
	case 4:
		add_raw_note(b, input);
		break;
	case 5:
		add_mapping(b, input);
		break;
	case 6:
		add_thread(b, input);
		break;
	case 7:
		put_arena(b, input);
		break;
	case 8:
		put_chunks(b, input);
		break;
	case 9:
		put_image(b, input);
		break;
	case 10:
		put_headers(b, input);
		break;
	case 11:
		at = input_number(input, 2);
		size = input_number(input, 1);
		bytes = input_bytes(input, size, &size);
		if (b->over_count < 8) {
			b->over[b->over_count].at = at;
			b->over[b->over_count].size = size;
			b->over[b->over_count++].bytes = bytes;
		}
		break;
	case 12:
		b->cut = input_number(input, 2);
		break;
	}
}

/* Lays out the file in `b->file`, and returns its size. */
static size_t lay_out(struct building *b)
{
	size_t size = CONTENTS_AT + b->page_count * PAGE;

	*(Elf64_Ehdr *)b->file = (Elf64_Ehdr){.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, 1},
		.e_type = ET_CORE,
		.e_machine = EM_X86_64,
		.e_version = 1,
		.e_phoff = sizeof(Elf64_Ehdr),
		.e_ehsize = sizeof(Elf64_Ehdr),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = (uint16_t)(b->segment_count + 1)};
	b->segments[0] = (Elf64_Phdr){
		.p_type = PT_NOTE, .p_offset = NOTES_AT, .p_filesz = b->note_bytes, .p_align = 4};
	memcpy(b->file + sizeof(Elf64_Ehdr), b->segments, sizeof(b->segments));
	for (size_t i = 0; i < b->over_count; i++)
		memcpy(b->file + b->over[i].at, b->over[i].bytes, b->over[i].size);
	b->dirty = size;
	for (size_t i = 0; i < b->over_count; i++)
		if (b->dirty < b->over[i].at + b->over[i].size)
			b->dirty = b->over[i].at + b->over[i].size;
	return size - (b->cut < size ? b->cut : 0);
}

static size_t make_core(struct building *b, struct input *input)
{
	memset(b->file, 0, b->dirty);
	b->segment_count = b->page_count = b->note_bytes = b->mapping_count = b->cut = b->over_count = 0;
	b->beside_size = b->module_at = 0;
	memset(b->segments, 0, sizeof(b->segments));
	while (input_has(input))
		take(b, input);
	write_mappings(b);
	return lay_out(b);
}

static void add_files(const struct building *b, size_t size)
{
	fuzz_file_set(b->file, size);
	if (b->beside_size)
		fuzz_file_add(names[2], b->beside, b->beside_size);
	if (b->module_at == 0)
		return;
	for (unsigned i = 0; i < 2; i++)
		fuzz_file_add(names[i], b->file + b->module_at, CONTENTS_AT + PAGES * PAGE - b->module_at);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct symbol_search search = {0};
	struct input input = input_of(data, size);
	unsigned flags = (unsigned)input_number(&input, 1);
	struct asked asked = {0};
	struct load_options options = {.no_threads = flags & 1, .paths = flags & 2, .no_classes = flags & 4};
	struct error error = {""};
	struct model model;

	if (flags & 8) {
		options.path_of = address(&input, 8);
		options.ret_asked = &asked;
	}
	size = make_core(&building, &input);
	add_files(&building, size);
	model_init(&model);
	bool loaded = load_image(&model, FUZZ_FILE, &options, &error) == 0;
	PROMISE(loaded || error.text[0]);
	if (load_core_is_core(FUZZ_FILE)) {
		struct process *process = loaded ? &model.processes[0] : NULL;
		error.text[0] = '\0';
		PROMISE(load_core(&model, process, FUZZ_FILE, &search, &error) == 0 || error.text[0]);
	}
	for (size_t i = 0; i < model.site_count; i++)
		PROMISE(model.sites[i].frame < model.frame_count);
	merge_sites(&model);
	model_free(&model);
	return 0;
}
