/*
 * Tells a running process from a killed one. Called by load_image.c, ask_check.c and `leak show`. A
 * process in a pid namespace knows itself by another pid than we do, and is found by when it
 * started. One that we cannot see (from inside a namespace, or with hidepid) counts as killed; so
 * does one in a time namespace, where clocks differ.
 */
#include "process_state.h"

#include "memory.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* The machine's boot id as 16 bytes, false when it is not known. */
static bool read_boot_id(uint8_t id[16])
{
	FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");
	size_t count = 0;
	int high = -1, c;

	if (file == NULL)
		return false;
	while (count < 16 && (c = getc(file)) != EOF) {
		int digit = c >= '0' && c <= '9'   ? c - '0'
			    : c >= 'a' && c <= 'f' ? c - 'a' + 10
						   : -1;
		if (digit < 0)
			continue;
		if (high >= 0)
			id[count++] = (uint8_t)(high << 4 | digit);
		high = high >= 0 ? -1 : digit;
	}
	fclose(file);
	return count == 16;
}

/* Fields 3 and 22 of /proc/PID/stat; false when they cannot be read. */
static bool read_stat(int pid, char *ret_state, unsigned long long *ret_start)
{
	char path[64], line[1024];

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	FILE *file = fopen(path, "re");
	if (file == NULL)
		return false;
	size_t size = fread(line, 1, sizeof(line) - 1, file);
	fclose(file);
	line[size] = '\0';
	char *after_name = strrchr(line, ')');
	return after_name && sscanf(after_name + 1,
				     " %c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s "
				     "%*s %*s %*s %*s %*s %*s %*s %llu",
				     ret_state, ret_start) == 2;
}

/* 0 also for a zombie. */
static uint64_t read_starttime(int pid)
{
	unsigned long long start;
	char state;

	return read_stat(pid, &state, &start) && state != 'Z' && state != 'X' ? start : 0;
}

/* When each process started, in the unit of read_starttime. Read once for many images, and again
 * for one of a process that started later. */
static struct {
	struct {
		int pid;
		uint64_t time;
	} * rows;
	size_t count, capacity;
	uint64_t read_at; /* those that started before are all there, if they still run */
} started;

/* Now, in the unit of read_starttime. */
static uint64_t ticks_now(void)
{
	struct timespec now;
	uint64_t a_second = (uint64_t)sysconf(_SC_CLK_TCK);

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (uint64_t)now.tv_sec * a_second + (uint64_t)now.tv_nsec * a_second / 1000000000u;
}

static void read_started(void)
{
	DIR *processes = opendir("/proc");
	struct dirent *entry;

	started.read_at = ticks_now();
	started.count = 0;
	while (processes && (entry = readdir(processes)) != NULL) {
		int pid = isdigit((unsigned char)entry->d_name[0]) ? atoi(entry->d_name) : 0;
		uint64_t time = pid > 0 ? read_starttime(pid) : 0;
		if (time == 0)
			continue;
		started.rows = memory_grow(
			started.rows, &started.capacity, started.count + 1, sizeof(*started.rows));
		started.rows[started.count].pid = pid;
		started.rows[started.count++].time = time;
	}
	if (processes)
		closedir(processes);
}

/* The pid by which a process knows itself, 0 when the kernel does not say. */
static int own_pid_of(int pid)
{
	char path[64], line[256];
	int own = 0;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	FILE *file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file)) {
		char *last = strncmp(line, "NSpid:", 6) == 0 ? strrchr(line, '\t') : NULL;
		if (last)
			own = atoi(last + 1);
	}
	if (file)
		fclose(file);
	return own;
}

static int pid_in_namespace(const struct image_header *header)
{
	if (header->process_starttime >= started.read_at)
		read_started();
	for (size_t i = 0; i < started.count; i++) {
		int pid = started.rows[i].pid;
		if (started.rows[i].time == header->process_starttime &&
			own_pid_of(pid) == header->pid &&
			read_starttime(pid) == header->process_starttime)
			return pid;
	}
	return 0;
}

/* Was it recorded on this machine, since it was started? Yes where that is not known. */
static bool is_of_this_boot(const struct image_header *header)
{
	static const uint8_t none[16];
	uint8_t boot_id[16] = {0};

	return memcmp(header->boot_id, none, 16) == 0 || !read_boot_id(boot_id) ||
	       memcmp(header->boot_id, boot_id, 16) == 0;
}

int process_state_pid(const struct image_file *image)
{
	const struct image_header *header = &image->header;
	uint64_t starttime;

	if (header->pid <= 0 || !is_of_this_boot(header))
		return 0;
	starttime = read_starttime(header->pid);
	if (starttime && (header->process_starttime == 0 || starttime == header->process_starttime))
		return header->pid;
	return header->process_starttime ? pid_in_namespace(header) : 0;
}

char process_state_letter(int pid)
{
	unsigned long long start;
	char state;

	return read_stat(pid, &state, &start) ? state : '\0';
}

/* Also a core by gcore, whose process lived then. */
static bool ran_then(const struct image_file *image)
{
	return image->origin != ORIGIN_FILE || image->header.snapshot_realtime_ns;
}

/* RUNNING where only /proc can tell. */
static enum process_state state_by_header(const struct image_file *image)
{
	switch (image->header.state) {
	case IMAGE_CLEAN:
		return STATE_CLEAN;
	case IMAGE_EXEC:
		return STATE_EXEC;
	case IMAGE_CRASHED:
		return STATE_CRASHED;
	default:
		return STATE_RUNNING;
	}
}

enum process_state process_state_of(const struct image_file *image)
{
	enum process_state state = state_by_header(image);

	if (state != STATE_RUNNING || ran_then(image))
		return state;
	return process_state_pid(image) ? STATE_RUNNING : STATE_KILLED;
}

enum process_state process_state_and_pid(const struct image_file *image, int *ret_pid)
{
	enum process_state state = state_by_header(image);

	*ret_pid = state == STATE_RUNNING ? process_state_pid(image) : 0;
	if (state != STATE_RUNNING || ran_then(image))
		return state;
	return *ret_pid ? STATE_RUNNING : STATE_KILLED;
}
