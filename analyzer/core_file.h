/*
 * An ELF core file: what was mapped, what of it is in the file, the threads with their registers,
 * and why the process ended. Nothing here knows about images or heaps.
 */
#ifndef LEAK_CORE_FILE_H
#define LEAK_CORE_FILE_H

#include "error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A mapping of the process. The core may hold all of it, its beginning, or nothing. */
struct core_segment {
	uint64_t start, size; /* addresses; start + size does not overflow */
	uint64_t at;          /* where its contents begin in the file */
	uint64_t kept;        /* bytes of it that the core was meant to hold, at most `size` */
	uint64_t held;        /* of these, bytes that the file really has; less: truncated */
	bool readable, writable, executable;
};

/* A file that was mapped (NT_FILE). */
struct core_mapping {
	uint64_t start, end;
	uint64_t offset; /* in the file, bytes */
	const char *path;
};

#define CORE_REGISTERS_MAX 40

struct core_thread {
	int tid;
	int signal;                             /* that it was taking, 0: none */
	uint64_t ip, sp;                        /* 0 when the machine is not known to us */
	uint64_t thread_pointer;                /* fs base, TPIDR_EL0; 0: not known */
	uint64_t registers[CORE_REGISTERS_MAX]; /* as NT_PRSTATUS has them: also roots */
	unsigned register_count;
};

struct core_file {
	int fd;
	char *path;
	uint32_t machine;              /* ELF e_machine */
	struct core_segment *segments; /* by address, not overlapping */
	size_t segment_count;
	struct core_mapping *mappings; /* by address */
	size_t mapping_count;
	struct core_thread *threads; /* the one that took the signal comes first */
	size_t thread_count;
	uint64_t *vectors; /* all threads' floating point and vector registers: also roots */
	size_t vector_count;
	int pid, ppid;
	char name[17];   /* of the program, cut by the kernel */
	char args[81];   /* the beginning of its command line */
	int signal;      /* that ended it, 0: none (it lived, as under gcore) */
	int signal_code; /* si_code */
	bool has_fault_address;
	uint64_t fault_address; /* si_addr of SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP */
	uint64_t entry, program_headers, interpreter,
		vdso;                    /* AT_ENTRY, AT_PHDR, AT_BASE, AT_SYSINFO_EHDR; 0 */
	const char *executable;          /* path by NT_FILE and AT_PHDR; NULL: not known */
	uint64_t kept_bytes, held_bytes; /* sums over the segments */
	void *names;                     /* private: what the strings point into */
};

/* Whether the file behind the descriptor begins as an ELF core does. */
bool core_file_is_core(int fd);

/* Whether core_file_open knows what the file is: a core, another ELF file, a compressed one. */
bool core_file_knows(int fd);

/* Opens and checks a core. Returns 0, or -1 with a sentence in `error` that does not repeat the
 * path. Release with core_file_close in both cases. */
int core_file_open(struct core_file *core, const char *path, struct error *error);
void core_file_close(struct core_file *core);

/* Reads up to `size` bytes of memory at `address`, up to the first byte that is not in the core;
 * returns how many. */
size_t core_file_read(const struct core_file *core, uint64_t address, void *buffer, size_t size);

/* The segment that an address lies in, NULL when nothing was mapped there. */
const struct core_segment *core_file_segment(const struct core_file *core, uint64_t address);

/* The file mapping that an address lies in, NULL when there is none. */
const struct core_mapping *core_file_mapping(const struct core_file *core, uint64_t address);

#endif
