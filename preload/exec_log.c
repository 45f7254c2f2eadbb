/* Writing down what is executed, see exec_log.h. */
#include <limits.h>

#include "preload/clock.h"
#include "preload/exec_log.h"
#include "preload/sys.h"
#include "preload/text.h"

#define DIRECTORY_MAX 1024

static void write_record(struct text *record)
{
	long fd = sys_open(options.exec_log, O_WRONLY | O_APPEND, 0);

	if (sys_failed(fd))
		return;
	sys_write((int)fd, record->bytes, record->used);
	sys_close((int)fd);
}

static bool is_plain(const char *file)
{
	while (*file && *file != '/')
		file++;
	return !*file;
}

/* Not inlined: callers without the option have no room for this on their stacks to give. */
static __attribute__((noinline)) void note(int pid, uint64_t at_ns, const char *file, bool search)
{
	TEXT(record, DIRECTORY_MAX + PATH_MAX + 64);
	char directory[DIRECTORY_MAX];
	bool plain = is_plain(file);

	if (sys_failed(sys_getcwd(directory, sizeof(directory))))
		directory[0] = '\0';
	text_add_number(&record, (uint64_t)pid);
	text_add(&record, " ");
	text_add_number(&record, at_ns);
	text_add_bytes(&record, "", 1);
	text_add(&record, directory);
	text_add_bytes(&record, "", 1);
	text_add(&record, plain && !search && *file ? "./" : "");
	text_add(&record, file);
	text_add_bytes(&record, "", 1);
	if (!record.cut) /* the kernel does not take longer names */
		write_record(&record);
}

void exec_log_note(const char *file, bool search)
{
	if (options.exec_log_given && file)
		note(sys_getpid(), clock_realtime_ns(), file, search);
}

void exec_log_failed(void)
{
	if (options.exec_log_given)
		note(sys_getpid(), clock_realtime_ns(), "", false);
}

uint64_t exec_log_moment(void)
{
	return options.exec_log_given ? clock_realtime_ns() : 0;
}

void exec_log_spawned(int pid, uint64_t before_ns, const char *file, bool search)
{
	if (options.exec_log_given && file)
		note(pid, before_ns, file, search);
}

static __attribute__((noinline)) void note_at(int fd, const char *path)
{
	char file[PATH_MAX];
	TEXT(name, 32);
	long length;

	text_add(&name, "/proc/self/fd/");
	text_add_number(&name, (uint64_t)(unsigned)fd);
	length = sys_readlink(name.bytes, file, sizeof(file) - 1);
	if (sys_failed(length))
		return;
	file[length] = '\0';
	if (path[0]) {
		struct text below = {.bytes = file, .size = sizeof(file), .used = (size_t)length};

		text_add(&below, "/");
		text_add(&below, path);
	}
	exec_log_note(file, false);
}

void exec_log_note_at(int fd, const char *path)
{
	if (!options.exec_log_given || !path)
		return;
	if (path[0] == '/' || (path[0] && fd == AT_FDCWD))
		exec_log_note(path, false);
	else
		note_at(fd, path);
}
