/*
 * Looks at a command before it runs. Called by cmd_run.c. Reads the file's first bytes only: a
 * program that cleans its environment before it starts another one is not foreseen.
 */
#define _GNU_SOURCE
#include "run_target.h"

#include "memory.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

static bool is_program(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISREG(status.st_mode) && access(path, X_OK) == 0;
}

char *run_target_find(const char *command)
{
	const char *path = getenv("PATH");

	if (strchr(command, '/'))
		return is_program(command) ? memory_copy(command) : NULL;
	for (const char *at = path ? path : "/usr/bin:/bin"; at;) {
		const char *end = strchrnul(at, ':');
		char *file;
		if (asprintf(&file, "%.*s%s%s", (int)(end - at), at, end > at ? "/" : "./",
			    command) >= 0) {
			if (is_program(file))
				return file;
			free(file);
		}
		at = *end ? end + 1 : NULL;
	}
	return NULL;
}

/* The first segment of a type; false when there is none. */
static bool find_segment(int fd, const Elf64_Ehdr *header, uint32_t type, Elf64_Phdr *ret)
{
	for (unsigned i = 0; i < header->e_phnum && header->e_phentsize == sizeof(*ret); i++) {
		if (pread(fd, ret, sizeof(*ret),
			    (off_t)(header->e_phoff + (uint64_t)i * sizeof(*ret))) != sizeof(*ret))
			return false;
		if (ret->p_type == type)
			return true;
	}
	return false;
}

/* Whether the ELF file asks for a dynamic loader, or is one (a library that can be started), which
 * was told the program to run. */
static bool is_dynamic(int fd, const Elf64_Ehdr *header)
{
	Elf64_Phdr segment;
	Elf64_Dyn entry;

	if (find_segment(fd, header, PT_INTERP, &segment))
		return true;
	if (!find_segment(fd, header, PT_DYNAMIC, &segment))
		return false;
	for (uint64_t at = 0; at + sizeof(entry) <= segment.p_filesz; at += sizeof(entry)) {
		if (pread(fd, &entry, sizeof(entry), (off_t)(segment.p_offset + at)) !=
				sizeof(entry) ||
			entry.d_tag == DT_NULL)
			break;
		if (entry.d_tag == DT_SONAME)
			return true;
	}
	return false;
}

/* Whether it is of the kind of this very program, and so of libleak.so. */
static bool is_our_kind(const Elf64_Ehdr *header)
{
	Elf64_Ehdr self = {0};
	int self_fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	if (self_fd >= 0) {
		if (pread(self_fd, &self, sizeof(self), 0) != sizeof(self))
			self.e_machine = 0;
		close(self_fd);
	}
	return header->e_ident[EI_CLASS] == ELFCLASS64 &&
	       (self.e_machine == 0 || header->e_machine == self.e_machine);
}

static const char *elf_obstacle(int fd, const Elf64_Ehdr *header)
{
	if (!is_our_kind(header))
		return "is built for another kind of processor (or for 32 bits) than libleak.so: "
		       "LD_PRELOAD cannot work; use a libleak.so of that kind";
	if (!is_dynamic(fd, header))
		return "is statically linked: LD_PRELOAD cannot work; link it dynamically to "
		       "measure it";
	return NULL;
}

static const char *look(const char *path, bool scripts);

static const char *script_obstacle(char *line)
{
	char *interpreter = line + 2 + strspn(line + 2, " \t");

	interpreter[strcspn(interpreter, " \t\r\n")] = '\0';
	return interpreter[0] == '/' ? look(interpreter, false) : NULL;
}

/* `scripts`: follow the interpreter's name, once; interpreters are programs. */
static const char *look(const char *path, bool scripts)
{
	struct stat status;
	const char *obstacle = NULL;
	union {
		Elf64_Ehdr header;
		char line[256];
	} start = {.line = ""};
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return access(path, X_OK) == 0
			       ? "cannot be read, so the kernel treats it as "
				 "protected: LD_PRELOAD may not work; make it readable"
			       : NULL;
	ssize_t size = pread(fd, start.line, sizeof(start.line) - 1, 0);
	if (fstat(fd, &status) == 0 &&
		(((status.st_mode & S_ISUID) && status.st_uid != geteuid()) ||
			((status.st_mode & S_ISGID) && status.st_gid != getegid())))
		obstacle =
			"is set-user-id or set-group-id: the loader ignores LD_PRELOAD for it; run "
			"a copy without that bit";
	else if (geteuid() != 0 && fgetxattr(fd, "security.capability", NULL, 0) > 0)
		obstacle =
			"has file capabilities: the loader ignores LD_PRELOAD for it; run a copy "
			"without them";
	else if (size >= (ssize_t)sizeof(start.header) &&
		 memcmp(start.header.e_ident, ELFMAG, SELFMAG) == 0)
		obstacle = elf_obstacle(fd, &start.header);
	else if (scripts && size > 2 && memcmp(start.line, "#!", 2) == 0)
		obstacle = script_obstacle(start.line);
	close(fd);
	return obstacle;
}

const char *run_target_obstacle(const char *path)
{
	return look(path, true);
}

const char *run_target_library_obstacle(const char *path)
{
	Elf64_Ehdr header;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return strerror(errno);
	ssize_t size = pread(fd, &header, sizeof(header), 0);
	close(fd);
	if (size != sizeof(header) || memcmp(header.e_ident, ELFMAG, SELFMAG) != 0)
		return "is not a shared library";
	return is_our_kind(&header) ? NULL : "is a library for another kind of processor";
}

char *run_target_library(void)
{
	static const char *const places[] = {
		"", "/../lib", "/../lib/libleak", "/../lib64", "/../preload", "/../build"};
	const char *given = getenv("LEAK_LIBRARY");
	char self[PATH_MAX], path[PATH_MAX + 64], *found;
	ssize_t length;

	if (given && given[0])
		return realpath(given, NULL);
	length = readlink("/proc/self/exe", self, sizeof(self) - 1);
	if (length <= 0)
		return NULL;
	self[length] = '\0';
	*strrchr(self, '/') = '\0';
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(path, sizeof(path), "%s%s/libleak.so", self, places[i]);
		found = realpath(path, NULL);
		if (found)
			return found;
	}
	return NULL;
}
